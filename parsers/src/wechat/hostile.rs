//! Whatever bytes stand in the evidence: nothing panics.

use forensics_core::origin::StoreId;
use forensics_core::value::Value;
use proptest::prelude::*;

use super::body::Text;
use super::content::Body;
use super::sync_key::SyncKey;
use super::{android, kind};

proptest! {
    #[test]
    fn any_text_may_be_a_body(text in ".*", native in any::<i64>(), prefixed in any::<bool>()) {
        let cell = Text::of(Value::from(text.as_str()), prefixed);
        let body = cell.body(native);
        let _ = cell.shown(kind::kind(native, body.app_type), &body);
    }

    #[test]
    fn any_markup_may_be_a_body(parts in proptest::collection::vec(
        prop_oneof![
            Just("<msg>"), Just("</msg>"), Just("<appmsg>"), Just("</appmsg>"), Just("<refermsg>"), Just("<svrid>"), Just("9"),
            Just("</svrid>"), Just("<![CDATA["), Just("]]>"), Just("&lt;"), Just("&"), Just("<img length='"), Just("'/>"),
            Just("<!--"), Just("<?x"), Just("<"), Just("\u{0}"),
        ], 0..40)) {
        let _ = Body::read(&format!("<a>{}", parts.concat()));
    }

    #[test]
    fn any_bytes_may_stand_in_side_files(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = SyncKey::read(&bytes);
        android::read_any_bytes(&bytes, StoreId(1));
    }
}
