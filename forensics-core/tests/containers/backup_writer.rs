//! Writes iTunes backups of a few files, with every property that a test wants to turn.

use std::path::Path;

use super::support::Scratch;
use aes::cipher::{BlockModeEncrypt as _, KeyIvInit as _};
use aes_kw::KeyInit as _;
use sha1::{Digest as _, Sha1};

pub(crate) const SMS: (&str, &str) = ("HomeDomain", "Library/SMS/sms.db");
pub(crate) const CHAT: (&str, &str) = ("AppDomainGroup-group.net.example.chat", "Chat.sqlite");

/// A backup to be written: files, and how it is locked.
pub(crate) struct Plan {
    pub(crate) files: Vec<((&'static str, &'static str), Vec<u8>)>,
    pub(crate) password: Option<&'static str>,
    /// Rounds of the first derivation; 0 is the form before iOS 10.2.
    pub(crate) dpic: u32,
    pub(crate) plain_manifest: bool,
    pub(crate) pad_manifest: bool,
    pub(crate) extra_rows: Vec<ExtraRow>,
}

/// fileID where it is not to be the right one, domain, path, flags.
pub(crate) type ExtraRow = (Option<String>, Option<&'static str>, Option<&'static str>, i64);

impl Default for Plan {
    fn default() -> Self {
        let database = |n: usize| [b"SQLite format 3\0".as_slice(), &vec![7; n]].concat();
        Plan {
            files: vec![
                (SMS, database(3_000_001)),
                (CHAT, database(5_000)),
                (("CameraRollDomain", "Media/DCIM/empty"), vec![]),
            ],
            password: None,
            dpic: 1000,
            plain_manifest: false,
            pad_manifest: true,
            extra_rows: Vec::new(),
        }
    }
}

pub(crate) const CLASS_KEY: [u8; 32] = [0x33; 32];
pub(crate) const MANIFEST_KEY: [u8; 32] = [0x44; 32];

pub(crate) fn sha1(text: &str) -> String {
    forensics_core::value::hex(&Sha1::digest(text))
}

pub(crate) fn wrap(kek: &[u8; 32], key: &[u8; 32]) -> Vec<u8> {
    let mut out = [0; 40];
    aes_kw::KwAes256::new(kek.into()).wrap_key(key, &mut out).unwrap();
    out.to_vec()
}

pub(crate) fn encrypt(key: &[u8; 32], plain: &[u8], pad: bool) -> Vec<u8> {
    let mut bytes = plain.to_vec();
    if pad {
        let pad = 16 - plain.len() % 16;
        bytes.resize(plain.len() + pad, u8::try_from(pad).unwrap());
    }
    let (blocks, rest) = aes::cipher::Array::slice_as_chunks_mut(&mut bytes);
    assert!(rest.is_empty());
    cbc::Encryptor::<aes::Aes256>::new(key.into(), &[0; 16].into()).encrypt_blocks(blocks);
    bytes
}

pub(crate) fn keybag(password: &str, dpic: u32) -> Vec<u8> {
    let mut bag = Vec::new();
    let mut item = |tag: &str, value: &[u8]| {
        bag.extend(tag.as_bytes());
        bag.extend(u32::try_from(value.len()).unwrap().to_be_bytes());
        bag.extend(value);
    };
    let (salt, first_salt) = ([5; 20], [6; 20]);
    item("VERS", &5_u32.to_be_bytes());
    item("TYPE", &1_u32.to_be_bytes());
    item("UUID", &[1; 16]);
    item("WRAP", &0_u32.to_be_bytes());
    item("SALT", &salt);
    item("ITER", &100_u32.to_be_bytes());
    let mut middle = password.as_bytes().to_vec();
    if dpic > 0 {
        item("DPWT", &1_u32.to_be_bytes());
        item("DPIC", &dpic.to_be_bytes());
        item("DPSL", &first_salt);
        middle = pbkdf2::pbkdf2_array::<hmac::Hmac<sha2::Sha256>, 32>(&middle, &first_salt, dpic).unwrap().to_vec();
    }
    let kek = pbkdf2::pbkdf2_array::<hmac::Hmac<Sha1>, 32>(&middle, &salt, 100).unwrap();
    for class in [11, 5, 4, 3_u32] {
        item("UUID", &[2; 16]);
        item("CLAS", &class.to_be_bytes());
        item("WRAP", &if class > 4 { 3_u32 } else { 2 }.to_be_bytes());
        item("KTYP", &0_u32.to_be_bytes());
        item("WPKY", &wrap(&kek, &CLASS_KEY));
    }
    bag
}

/// A binary property list of an `MBFile`, as a keyed archive.
pub(crate) fn mbfile(path: &str, size: usize, key: Option<&[u8]>) -> Vec<u8> {
    let mut objects: Vec<Vec<u8>> = Vec::new();
    let text = |t: &str| {
        let mut out = vec![0x5f, 0x11];
        out.extend(u16::try_from(t.len()).unwrap().to_be_bytes());
        out.extend(t.as_bytes());
        out
    };
    let int = |n: usize| [vec![0x13], (n as i64).to_be_bytes().to_vec()].concat();
    // 0: top {1 "$objects": 2, 3 "$top": 4}; 4: {5 "root": 6 uid 1}; 2: [7 "$null", 8 file, 9 key holder]
    objects.push(vec![0xd2, 1, 3, 2, 4]);
    objects.push(text("$objects"));
    objects.push(if key.is_some() { vec![0xa3, 7, 8, 9] } else { vec![0xa2, 7, 8] });
    objects.push(text("$top"));
    objects.push(vec![0xd1, 5, 6]);
    objects.push(text("root"));
    objects.push(vec![0x80, 1]);
    objects.push(text("$null"));
    objects.push(if key.is_some() { vec![0xd3, 10, 12, 14, 11, 13, 15] } else { vec![0xd2, 10, 12, 11, 13] });
    objects.push(vec![0xd1, 16, 17]);
    objects.push(text("RelativePath"));
    objects.push(text(path));
    objects.push(text("Size"));
    objects.push(int(size));
    objects.push(text("EncryptionKey"));
    objects.push(vec![0x80, 2]);
    objects.push(text("NS.data"));
    let key = key.unwrap_or(&[]);
    objects.push([vec![0x4f, 0x10, u8::try_from(key.len()).unwrap()], key.to_vec()].concat());
    let mut out = b"bplist00".to_vec();
    let mut offsets = Vec::new();
    for object in &objects {
        offsets.push(u16::try_from(out.len()).unwrap());
        out.extend(object);
    }
    let table = out.len() as u64;
    offsets.iter().for_each(|o| out.extend(o.to_be_bytes()));
    out.extend([0, 0, 0, 0, 0, 0, 2, 1]);
    out.extend((objects.len() as u64).to_be_bytes());
    out.extend(0_u64.to_be_bytes());
    out.extend(table.to_be_bytes());
    out
}

pub(crate) fn base64(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

pub(crate) fn plist(body: &str) -> String {
    format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<plist version=\"1.0\"><dict>{body}</dict></plist>")
}

pub(crate) fn write(folder: &Path, plan: &Plan) {
    std::fs::create_dir_all(folder).unwrap();
    let put = |name: &str, bytes: &[u8]| {
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    };
    put("Info.plist", plist("<key>Device Name</key><string>Phone of A &amp; B</string><key>Product Type</key><string>iPhone12,1</string>\
        <key>Product Version</key><string>15.1</string><key>Last Backup Date</key><date>2024-03-01T08:00:00Z</date>\
        <key>Applications</key><dict><key>x.y</key><dict><key>PlaceholderIcon</key><data>AAAA</data></dict></dict>").as_bytes());
    put("Status.plist", plist("<key>SnapshotState</key><string>finished</string>").as_bytes());
    let mut manifest = format!(
        "<key>IsEncrypted</key><{}/><key>Lockdown</key><dict><key>SerialNumber</key><string>SERIAL1</string></dict>",
        plan.password.is_some()
    );
    if let Some(password) = plan.password {
        manifest += &format!("<key>BackupKeyBag</key><data>{}</data>", base64(&keybag(password, plan.dpic)));
        if !plan.plain_manifest {
            let key = [3_u32.to_le_bytes().to_vec(), wrap(&CLASS_KEY, &MANIFEST_KEY)].concat();
            manifest += &format!("<key>ManifestKey</key><data>{}</data>", base64(&key));
        }
    }
    put("Manifest.plist", plist(&manifest).as_bytes());
    let scratch = Scratch::new();
    let database = scratch.path().join("m.db");
    let db = rusqlite::Connection::open(&database).unwrap();
    db.execute_batch("CREATE TABLE Files (fileID TEXT PRIMARY KEY, domain TEXT, relativePath TEXT, flags INTEGER, file BLOB); CREATE TABLE Properties (key TEXT PRIMARY KEY, value BLOB)").unwrap();
    let insert = "INSERT INTO Files VALUES (?1, ?2, ?3, ?4, ?5)";
    for (number, ((domain, path), content)) in plan.files.iter().enumerate() {
        let id = sha1(&format!("{domain}-{path}"));
        let key = [number as u8 + 1; 32];
        let persistent = [3_u32.to_le_bytes().to_vec(), wrap(&CLASS_KEY, &key)].concat();
        let locked = plan.password.is_some();
        // Size is what stat said: wrong for databases.
        let file = mbfile(path, content.len() / 2, locked.then_some(&persistent));
        db.execute(insert, rusqlite::params![id, domain, path, 1, file]).unwrap();
        let bytes = if locked && !content.is_empty() { encrypt(&key, content, true) } else { content.clone() };
        put(&format!("{}/{id}", &id[..2]), &bytes);
    }
    for (id, domain, path, flags) in &plan.extra_rows {
        let computed = sha1(&format!("{}-{}", domain.unwrap_or(""), path.unwrap_or("")));
        let file = mbfile(path.unwrap_or(""), 0, None);
        db.execute(insert, rusqlite::params![id.clone().unwrap_or(computed), domain, path, flags, file]).unwrap();
    }
    drop(db);
    let bytes = std::fs::read(&database).unwrap();
    let locked = plan.password.is_some() && !plan.plain_manifest;
    put("Manifest.db", &if locked { encrypt(&MANIFEST_KEY, &bytes, plan.pad_manifest) } else { bytes });
}
