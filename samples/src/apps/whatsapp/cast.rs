//! Who writes to whom. The numbers are from the range kept for fiction.

/// The owner of the phone.
pub(crate) const OWNER: &str = "15550001001@s.whatsapp.net";
/// A contact with much history.
pub(crate) const BOB: &str = "15550001002@s.whatsapp.net";
/// Member of the group.
pub(crate) const CHEN: &str = "15550001003@s.whatsapp.net";
/// Writes from right to left.
pub(crate) const LAYLA: &str = "15550001004@s.whatsapp.net";
/// Her chat came by history sync.
pub(crate) const DORA: &str = "15550001005@s.whatsapp.net";
/// His chat stands in the delete queue.
pub(crate) const EMIL: &str = "15550001006@s.whatsapp.net";
/// Hidden behind a LID.
pub(crate) const LID: &str = "90071992547409@lid";
/// The group.
pub(crate) const GROUP: &str = "120363000000000001@g.us";
/// Status posts.
pub(crate) const STATUS: &str = "status@broadcast";
/// A broadcast list.
pub(crate) const LIST: &str = "1709280000@broadcast";
/// A channel.
pub(crate) const CHANNEL: &str = "120363111111111111@newsletter";
