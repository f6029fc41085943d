//! Keys: derived from the account number, the device id and the user name, or given by the examiner. Nothing is guessed.
//!
//! Sources: Android 7.0.22, `storagebase/IMEISave` (the order of device ids); 7.0.4, `plugin/fts`, `booter/g`,
//! `modelmulti/b`; WXjzcccc/ForensicsTool, `DbPwdTool`.

use std::cell::RefCell;

use forensics_core::app::Install;
use forensics_core::issue::{Issue, Severity};
use forensics_core::keys::KeyKind;
use forensics_core::open_store::{NoKey, OpenStore, Unlock};
use forensics_core::origin::Origin;
use forensics_core::sink::{Sink, Stopped};
use forensics_core::store::sqlite::{Cipher, Profile};
use forensics_core::vfs::Entry;
use zeroize::Zeroizing;

use super::identity::Identity;
use crate::wechat::codes;
use crate::wechat::digest::md5_hex;

/// An account number: 32 bits, written signed or unsigned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Uin(pub(super) u32);

impl Uin {
    /// From either form.
    pub(super) fn from_number(number: i64) -> Option<Uin> {
        if number == 0 {
            return None;
        }
        u32::try_from(number).ok().or_else(|| i32::try_from(number).ok().map(i32::cast_unsigned)).map(Uin)
    }

    /// As most of the app writes it.
    pub(super) fn signed(self) -> String {
        self.0.cast_signed().to_string()
    }

    /// As the index and the ranking write it.
    pub(super) fn unsigned(self) -> String {
        self.0.to_string()
    }

    /// The name of the account's folder.
    pub(super) fn folder(self) -> String {
        md5_hex(&format!("mm{}", self.signed()))
    }

    /// Both forms, the usual one first, once where they are the same.
    fn forms(self) -> Vec<String> {
        let mut forms = vec![self.signed(), self.unsigned()];
        forms.dedup();
        forms
    }
}

/// Which store a key is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lock {
    /// `EnMicroMsg.db` and its kin.
    Main,
    /// `FTS5IndexMicroMsg_encrypt.db`.
    Index,
    /// `MicroMsgPriority.db`.
    Ranking,
}

impl Lock {
    fn profiles(self) -> &'static [Profile] {
        match self {
            Lock::Main => &[Profile::SQLCIPHER_1],
            Lock::Index | Lock::Ranking => &[Profile::SQLCIPHER_3_PAGE_4096],
        }
    }

    fn passphrase(self, device: &str, uin: &str, wxid: &str) -> Zeroizing<String> {
        let all = match self {
            Lock::Main => md5_hex(&format!("{device}{uin}")),
            Lock::Index => md5_hex(&format!("{uin}{device}{wxid}")),
            Lock::Ranking => md5_hex(&format!("{uin}{wxid}{device}")),
        };
        Zeroizing::new(all.get(..7).unwrap_or_default().to_owned())
    }
}

/// The RC4 key of `pushSyncResp`: the whole hash of which the main key is the beginning.
pub(super) fn queue_key(device: &str, uin: &str) -> String {
    md5_hex(&format!("{device}{uin}"))
}

/// What a passphrase was made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Made {
    /// The account number, if the evidence gave the key.
    pub(super) uin: Option<Uin>,
    /// The device id, if the evidence gave the key.
    pub(super) device: Option<String>,
    /// Where all that came from, for the report. Never the key.
    pub(super) source: String,
}

struct Candidate {
    secret: Zeroizing<Vec<u8>>,
    made: Made,
    profiles: &'static [Profile],
}

/// Opens an encrypted store of one account.
pub(super) struct Locksmith<'a> {
    pub(super) install: &'a Install<'a>,
    pub(super) identity: &'a Identity,
    /// The account's folder.
    pub(super) folder: &'a str,
    /// The user name, once the main store gave it.
    pub(super) wxid: Option<String>,
    /// What opened the main store: tried first for the others.
    pub(super) main: Option<Made>,
}

impl Locksmith<'_> {
    /// Opens a store and says what opened it.
    pub(super) fn open(
        &self,
        sink: &mut dyn Sink,
        role: &'static str,
        entry: &Entry,
        lock: Lock,
    ) -> Result<Option<(OpenStore, Option<Made>)>, Stopped> {
        let used: RefCell<Option<Made>> = RefCell::new(None);
        let path = entry.device.to_string();
        let find = |head: &[u8]| -> Result<Cipher, NoKey> {
            let mut tried: usize = 0;
            for candidate in self.candidates(lock, &path) {
                tried = tried.saturating_add(1);
                if let Some(cipher) = Cipher::identify(head, &candidate.secret, candidate.profiles) {
                    used.replace(Some(candidate.made));
                    return Ok(cipher);
                }
            }
            Err(NoKey { kind: KeyKind::WECHAT_PASSPHRASE.word, tried })
        };
        let Some(store) = self.install.open(sink, role, entry, &Unlock::With(&find))? else { return Ok(None) };
        let used = used.into_inner();
        if let Some(made) = &used {
            sink.issue(Issue {
                code: codes::KEY_SOURCE,
                severity: Severity::Info,
                detail: format!("{}: opened with {}", store.path(), made.source),
                origin: Some(Origin::store(store.id())),
            })?;
        }
        Ok(Some((store, used)))
    }

    /// The account numbers, those that name the folder first.
    pub(super) fn uins(&self) -> Vec<(Uin, String)> {
        let mut uins = self.identity.uins.clone();
        uins.sort_by_key(|(uin, _)| uin.folder() != self.folder);
        if let Some(uin) = self.main.as_ref().and_then(|m| m.uin) {
            uins.sort_by_key(|(u, _)| *u != uin);
        }
        uins
    }

    /// The device ids in the app's own order, the one that opened the main store first.
    pub(super) fn devices(&self) -> Vec<(String, String)> {
        let mut devices = self.identity.devices.clone();
        let known = self.main.as_ref().and_then(|m| m.device.clone());
        if let Some(known) = known {
            devices.sort_by_key(|(device, _)| *device != known);
        }
        devices
    }

    fn candidates(&self, lock: Lock, path: &str) -> Vec<Candidate> {
        let keys = self.install.keys;
        let given = |kind: KeyKind| {
            keys.of(kind, path).map(|key| Candidate {
                secret: Zeroizing::new(key.secret().to_vec()),
                made: Made { uin: None, device: None, source: format!("the examiner's key ({})", key.source) },
                profiles: Profile::ALL,
            })
        };
        let mut all: Vec<Candidate> = given(KeyKind::WECHAT_PASSPHRASE).chain(given(KeyKind::SQLCIPHER)).collect();
        let wxids = self.wxids(lock);
        for (device, device_source) in self.devices() {
            for (uin, uin_source) in self.uins() {
                for form in self.forms(lock, uin) {
                    for (wxid, wxid_source) in &wxids {
                        all.push(Candidate {
                            secret: Zeroizing::new(lock.passphrase(&device, &form, wxid).as_bytes().to_vec()),
                            made: Made {
                                uin: Some(uin),
                                device: Some(device.clone()),
                                source: format!(
                                    "the key made of the account number ({uin_source}) and the device id \
                                     ({device_source}){wxid_source}"
                                ),
                            },
                            profiles: lock.profiles(),
                        });
                    }
                }
            }
        }
        all
    }

    /// The number's forms, the one that the app uses for this store first.
    fn forms(&self, lock: Lock, uin: Uin) -> Vec<String> {
        let mut forms = uin.forms();
        if lock != Lock::Main {
            forms.reverse();
        }
        forms
    }

    fn wxids(&self, lock: Lock) -> Vec<(String, String)> {
        if lock == Lock::Main {
            return vec![(String::new(), String::new())];
        }
        match &self.wxid {
            Some(wxid) => vec![(wxid.clone(), " and the user name (userinfo 2)".to_owned())],
            None => {
                let named =
                    |(wxid, source): &(String, String)| (wxid.clone(), format!(" and the user name ({source})"));
                self.identity.wxids.iter().map(named).collect()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LITERAL: &str = "1234567890ABCDEF";
    const WXID: &str = "wxid_synthetic0001";

    #[test]
    fn derived_keys_meet_their_vectors() {
        let rows = [
            (1_234_567_890, "fdf058fb758b9f9705c8d894d486e352", "62c5a17", "58f0604", "6b06d7a"),
            (-1_234_567_890, "93db116453a64e6470b159be16da18e5", "c1348a2", "9991a4c", "c4f241c"),
        ];
        for (number, folder, main, index, ranking) in rows {
            let uin = Uin::from_number(number).unwrap();
            assert_eq!(uin.folder(), folder);
            assert_eq!(*Lock::Main.passphrase(LITERAL, &uin.signed(), ""), main);
            assert_eq!(*Lock::Index.passphrase(LITERAL, &uin.unsigned(), WXID), index);
            assert_eq!(*Lock::Ranking.passphrase(LITERAL, &uin.unsigned(), WXID), ranking);
        }
    }

    #[test]
    fn the_queue_key_is_the_whole_hash() {
        assert_eq!(queue_key(LITERAL, "1234567890"), "62c5a175a3b141e9d653f9e917c3a3e3");
    }

    #[test]
    fn an_account_number_is_the_same_in_both_forms() {
        assert_eq!(Uin::from_number(-1_234_567_890), Uin::from_number(3_060_399_406));
        assert_eq!(Uin::from_number(-1_234_567_890).unwrap().unsigned(), "3060399406");
        assert_eq!(Uin::from_number(0), None);
        assert_eq!(Uin::from_number(1 << 40), None);
    }
}
