//! Files that are encrypted or certified.

use super::*;

#[test]
fn a_certification_that_allows_no_change_is_respected() {
    for (permission, allowed) in [(1, false), (2, true), (3, true)] {
        let signature = format!(
            "<< /Type /Sig /Reference [<< /TransformMethod /DocMDP /TransformParams << /P {permission} >> >>] >>"
        );
        let bytes = file(
            &[(1, "<< /Type /Catalog /Pages 2 0 R /Perms << /DocMDP 3 0 R >> >>"), PAGES, (3, &signature)],
            "/Size 4 /Root 1 0 R",
        );
        assert_eq!(changed(&bytes, &put(Carrier::Field, "AIGC", "x")).is_ok(), allowed, "P {permission}");
    }
}

#[test]
fn an_encrypted_file_is_neither_called_empty_nor_written() {
    let bytes = file(
        &[CATALOG, PAGES, (3, "<< /AIGC (x) >>"), (4, "<< /Filter /Other /V 9 >>")],
        "/Size 5 /Root 1 0 R /Info 3 0 R /Encrypt 4 0 R",
    );
    let layout = read(&bytes);
    assert!(matches!(layout.packets[0].body, Body::Broken(_)), "{layout:?}");
    assert!(layout.damage.is_some());
    assert!(changed(&bytes, &put(Carrier::Field, "B", "y")).is_err());
}

/// The same file, labelled and then encrypted by qpdf in each way there is, with an empty user password.
#[test]
fn what_opens_without_a_password_is_read() {
    let files: [&[u8]; 5] = [
        include_bytes!("../test-files/rc4-40.pdf"),
        include_bytes!("../test-files/rc4-128.pdf"),
        include_bytes!("../test-files/aes-128.pdf"),
        include_bytes!("../test-files/aes-256.pdf"),
        include_bytes!("../test-files/aes-256-streams.pdf"),
    ];
    for bytes in files.map(<[u8]>::to_vec) {
        assert!(read(&bytes).damage.is_none(), "{:?}", read(&bytes).damage);
        let fields = fields(&bytes);
        assert_eq!(field(&fields, "Title"), Some("Notes on the river"));
        assert!(
            field(&fields, "AIGC").is_some_and(|label| label.ends_with("\"ReservedCode2\":\"\"}")),
            "{fields:?}"
        );
        let refused = changed(&bytes, &put(Carrier::Field, "B", "y")).unwrap_err();
        assert_eq!(refused.problem, Problem::Unsupported("writing to an encrypted PDF; decrypt it first"));
    }
}

#[test]
fn what_needs_a_password_is_not_called_empty() {
    let bytes = include_bytes!("../test-files/password.pdf").to_vec();
    let layout = read(&bytes);
    assert!(matches!(layout.damage.unwrap().problem, Problem::Unsupported(why) if why.contains("password")));
    // Names are no secret, and neither are numbers; strings are.
    let label = layout.packets.iter().find(|packet| packet.key == "AIGC").unwrap();
    assert!(matches!(label.body, Body::Broken(_)));
}
