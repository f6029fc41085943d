//! Android shared preferences: an XML `<map>`.

/// One preference.
pub(crate) enum Preference<'a> {
    Text(&'a str, &'a str),
    Int(&'a str, i64),
    Flag(&'a str, bool),
}

/// The file as Android writes it.
pub(crate) fn preferences(entries: &[Preference<'_>]) -> Vec<u8> {
    let mut xml = String::from("<?xml version='1.0' encoding='utf-8' standalone='yes' ?>\n<map>\n");
    for entry in entries {
        xml += &match entry {
            Preference::Text(name, value) => {
                format!("    <string name=\"{name}\">{}</string>\n", escape(value))
            }
            Preference::Int(name, value) => {
                format!("    <int name=\"{name}\" value=\"{value}\" />\n")
            }
            Preference::Flag(name, value) => {
                format!("    <boolean name=\"{name}\" value=\"{value}\" />\n")
            }
        };
    }
    xml += "</map>\n";
    xml.into_bytes()
}

/// Text as XML character data.
pub(crate) fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
