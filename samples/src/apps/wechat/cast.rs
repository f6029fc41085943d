//! Who writes to whom.

/// The owner's user name.
pub(crate) const OWNER: &str = "wxid_synthetic0001";
/// A friend with much history.
pub(crate) const BOB: &str = "wxid_bobsynthetic02";
/// A friend with an old free-form name.
pub(crate) const CHEN: &str = "chenwei1988";
/// Writes from right to left.
pub(crate) const LAYLA: &str = "wxid_laylasynth0004";
/// A room without holes.
pub(crate) const ROOM: &str = "20000000001@chatroom";
/// A room whose missing range the app knows.
pub(crate) const ROOM_GAP: &str = "20000000002@chatroom";
/// A room whose newest messages the server still holds.
pub(crate) const ROOM_HELD: &str = "20000000003@chatroom";
/// A room with a hole that the app does not know, and a row beyond its cursor.
pub(crate) const ROOM_HOLE: &str = "20000000004@chatroom";
/// A room whose newest row was deleted.
pub(crate) const ROOM_TOP: &str = "20000000005@chatroom";
/// A room that the user deleted.
pub(crate) const ROOM_DELETED: &str = "20000000006@chatroom";
/// An official account.
pub(crate) const PAPER: &str = "gh_0123456789ab";
