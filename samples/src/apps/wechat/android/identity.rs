//! The small files that say whose phone it is.

use super::super::account::{Account, JavaValue, java_map};
use super::super::{SEIZED, START};
use super::sync::{PUSH_POSITION, sync_key};
use crate::apps::prefs::{Preference, preferences};
use crate::seed::hex_lower;
use crate::story::DeviceFile;

/// Preferences, object streams and past device ids; `only_in_key_info` keeps the device id out of
/// `CompatibleInfo.cfg`.
pub(super) fn files(home: &str, account: &Account, only_in_key_info: bool) -> Vec<DeviceFile> {
    let uin = i64::from(account.uin);
    let prefs = |name: &str, entries: &[Preference<'_>]| {
        DeviceFile::android(format!("{home}/shared_prefs/{name}"), preferences(entries), SEIZED)
    };
    let uin_text = account.uin.to_string();
    let push_key = hex_lower(&sync_key(PUSH_POSITION));
    let mut compatible = vec![
        (259, JavaValue::Text("ARMv8 Processor rev 0 (v8l) synthetic".to_owned())),
        (256, JavaValue::Text("QWERTYUIOPASDFGH".to_owned())),
    ];
    if !only_in_key_info {
        compatible.insert(0, (258, JavaValue::Text(account.device_id.clone())));
    }
    let system = [
        (1, JavaValue::Integer(account.uin)),
        (37, JavaValue::Integer(0x2800_4a30)), // 8.0.74
        (6, JavaValue::Text("8080:443:80".to_owned())),
        (17, JavaValue::Integer(1)),
    ];
    let raw = |name: &str, bytes: Vec<u8>| DeviceFile::android(format!("{home}/{name}"), bytes, SEIZED);
    vec![
        prefs("system_config_prefs.xml", &[Preference::Int("default_uin", uin), Preference::Flag("set_service", true)]),
        prefs("auth_info_key_prefs.xml", &[Preference::Int("_auth_uin", uin)]),
        prefs(
            "com.tencent.mm_preferences.xml",
            &[
                Preference::Text("last_login_uin", &uin_text),
                Preference::Text("login_weixin_username", &account.wxid),
                Preference::Text("login_user_name", "ada_synthetic"),
                Preference::Text("last_login_nick_name", "Ada 阿达"),
                Preference::Text("last_login_bind_mobile", "+15550001001"),
            ],
        ),
        prefs(
            "notify_key_pref_no_account.xml",
            &[Preference::Text("login_weixin_username", &account.wxid), Preference::Int("last_time", START)],
        ),
        prefs("notify_sync_pref.xml", &[Preference::Text("notify_sync_key_keybuf", &push_key)]),
        raw("MicroMsg/systemInfo.cfg", java_map(&system)),
        raw("MicroMsg/CompatibleInfo.cfg", java_map(&compatible)),
        raw("files/KeyInfo.bin", account.key_info()),
    ]
}
