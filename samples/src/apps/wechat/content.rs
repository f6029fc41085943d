//! Message bodies.

use crate::apps::prefs::escape;

/// An app message of this inner type.
pub(super) fn app_message(title: &str, inner: i64, extra: &str) -> String {
    format!(
        "<msg><appmsg appid=\"\" sdkver=\"0\"><title>{}</title><des></des><type>{inner}</type>\
         <url></url>{extra}</appmsg><fromusername></fromusername></msg>",
        escape(title)
    )
}

/// A reply; `svrid` names the quoted message by its server id.
pub(super) fn reply(title: &str, svrid: i64, from: &str, chat: &str, quoted: &str, at: i64) -> String {
    let refer = format!(
        "<refermsg><type>1</type><svrid>{svrid}</svrid><fromusr>{from}</fromusr><chatusr>{chat}</chatusr>\
         <displayname>{from}</displayname><content>{}</content><createtime>{at}</createtime></refermsg>",
        escape(quoted)
    );
    app_message(title, 57, &refer)
}

/// A file of this name and size.
pub(super) fn file(name: &str, size: i64) -> String {
    let attach = format!(
        "<appattach><totallen>{size}</totallen><attachid>@cdn_synthetic</attachid><fileext>pdf</fileext></appattach>"
    );
    app_message(name, 6, &attach)
}

/// An image as received.
pub(super) fn image() -> String {
    "<msg><img aeskey=\"00\" cdnthumburl=\"3057synthetic\" cdnthumblength=\"3021\" \
     cdnmidimgurl=\"3057synthetic\" length=\"90210\" md5=\"d41d8cd98f00b204e9800998ecf8427e\"/></msg>"
        .to_owned()
}

/// A voice message of so many milliseconds.
pub(super) fn voice(milliseconds: i64) -> String {
    format!("<msg><voicemsg voicelength=\"{milliseconds}\" length=\"4711\" clientmsgid=\"\" fromusername=\"\"/></msg>")
}

/// A video of so many seconds.
pub(super) fn video(seconds: i64) -> String {
    format!(
        "<msg><videomsg aeskey=\"00\" cdnvideourl=\"3057synthetic\" length=\"190210\" playlength=\"{seconds}\"/></msg>"
    )
}

/// A sticker.
pub(super) fn sticker() -> String {
    "<msg><emoji fromusername=\"\" tousername=\"\" type=\"2\" md5=\"0123456789abcdef0123456789abcdef\" len=\"5120\"/></msg>"
        .to_owned()
}

/// A place.
pub(super) fn place() -> String {
    "<msg><location x=\"53.5436\" y=\"9.9886\" scale=\"16\" label=\"Quay 1\" poiname=\"Harbour 港口\"/></msg>"
        .to_owned()
}

/// The server's wrapper of received rows.
pub(super) fn source(sequence: Option<i64>) -> String {
    let sequence = sequence.map(|n| format!("<sequence_id>{n}</sequence_id>")).unwrap_or_default();
    format!(
        "<msgsource>{sequence}<silence>0</silence><membercount>4</membercount><signature>V1_synthetic</signature></msgsource>"
    )
}

/// `message.lvbuffer`: `{`, items, `}`. Text is length and bytes, a number four bytes.
pub(super) fn lvbuffer(message_source: &str) -> Vec<u8> {
    let mut out = vec![0x7b];
    let text = |out: &mut Vec<u8>, s: &str| {
        out.extend(u16::try_from(s.len()).expect("short").to_be_bytes());
        out.extend(s.as_bytes());
    };
    text(&mut out, ""); // commentUrl
    out.extend(0_u32.to_be_bytes()); // msgFlag
    text(&mut out, message_source);
    for _ in 0..6 {
        out.extend(0_u32.to_be_bytes()); // thumb width, height, clean, sync, HD thumb, fail count
    }
    for _ in 0..3 {
        text(&mut out, ""); // clientMsgId, bizKfWorker, expIdStr
    }
    out.extend(0_u32.to_be_bytes()); // downloadControlType
    text(&mut out, ""); // statExtStr
    text(&mut out, ""); // transCookie
    out.push(0x7d);
    out
}
