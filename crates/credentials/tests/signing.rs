//! Signing real files of every format, and reading the manifests back.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail loudly")]

use std::fs;
use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use indicia_core::Trust;
use indicia_credentials::{
    AIGC_ASSERTION, Algorithm, CommandError, Credentials, DISCLOSURE_ASSERTION, Deed, DevelopmentChain,
    KeyError, Kind, Parent, Part, SignError, SigningCommand, SigningKey, SoftBinding, Software, State,
    Statement, Unread, can_sign, read, read_beside, read_text, sign, sign_beside, sign_text, text_wrapper,
};
use serde_json::{Value, json};

const MADE_BY_A_MODEL: &str = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia";
const EDITED_BY_A_MODEL: &str =
    "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia";

static CHAIN: LazyLock<DevelopmentChain> = LazyLock::new(|| DevelopmentChain::new("Example", now()).unwrap());

#[allow(clippy::disallowed_methods, reason = "the library asks the clock whether a certificate is valid")]
fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

fn key() -> SigningKey {
    SigningKey::from_pem(&CHAIN.chain, &CHAIN.private_key, now()).unwrap()
}

fn trusting() -> Trust {
    Trust { user_anchors: CHAIN.authority.clone(), ..Trust::default() }
}

fn label() -> Value {
    json!({
        "Label": "1", "ContentProducer": "001191310000MA00000000", "ProduceID": "p-1", "ReservedCode1": "",
        "ContentPropagator": "", "PropagateID": "", "ReservedCode2": "\u{6587}\u{5B57}",
    })
}

fn software(name: &str) -> Software {
    Software { name: name.into(), version: Some("1.2".into()) }
}

fn created() -> Statement {
    Statement {
        title: Some("a title".into()),
        source_type: Some(MADE_BY_A_MODEL.into()),
        agent: Some(software("Model")),
        when: Some("2026-11-24T10:00:00Z".into()),
        generator: software("Signer"),
        provider: Some("Example Ltd".into()),
        system: Some(software("Model")),
        content_id: Some("id-1".into()),
        aigc: Some(label()),
        ..Statement::default()
    }
}

fn edited() -> Statement {
    Statement { deed: Deed::Edited, source_type: Some(EDITED_BY_A_MODEL.into()), ..created() }
}

fn samples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../samples")
}

/// One small sample of each format, with its media type.
fn formats() -> Vec<(&'static str, Vec<u8>)> {
    [
        ("image/jpeg", "jpeg/dandelion-420.jpg"),
        ("image/png", "png/gradient-palette.png"),
        ("image/webp", "webp/dandelion-lossy.webp"),
        ("image/gif", "gif/dandelion-still.gif"),
        ("image/tiff", "tiff/astronaut-big-endian.tif"),
        ("image/x-adobe-dng", "dng/mosaic.dng"),
        ("image/svg+xml", "svg/hills.svg"),
        ("image/avif", "avif/dandelion.avif"),
        ("image/heic", "heif/dandelion.heic"),
        ("image/jxl", "jxl/dandelion-codestream-labelled.jxl"),
        ("image/jxl", "jxl/astronaut-from-jpeg.jxl"),
        ("audio/wav", "wav/speech-8-mono.wav"),
        ("audio/mpeg", "mp3/speech-untagged.mp3"),
        ("audio/flac", "flac/speech-8-mono.flac"),
        ("video/vnd.avi", "avi/dandelion-mpeg4.avi"),
        ("audio/mp4", "m4a/chords-aac-tags.m4a"),
        ("video/mp4", "mp4/astronaut-moov-last.mp4"),
        ("video/quicktime", "mov/dandelion-mpeg4.mov"),
    ]
    .into_iter()
    .map(|(mime, path)| (mime, fs::read(samples().join(path)).unwrap()))
    .collect()
}

fn signed(
    bytes: &[u8],
    mime: &str,
    statement: &Statement,
    parent: Option<Parent<'_>>,
) -> Result<Vec<u8>, SignError> {
    let mut output = Cursor::new(Vec::new());
    let size = sign(&mut Cursor::new(bytes), mime, &mut output, statement, &key(), parent)?;
    assert!(size > 2000 && size < 30_000, "{mime}: {size}");
    Ok(output.into_inner())
}

fn looked_at(bytes: &[u8], mime: &str, trust: &Trust) -> Credentials {
    read(Cursor::new(bytes), mime, trust).unwrap_or_else(|err| panic!("{mime}: {err}"))
}

fn failures(credentials: &Credentials) -> Vec<&str> {
    let failed = credentials.statuses.iter().filter(|status| status.kind == Kind::Failure);
    failed.map(|status| status.code.as_str()).collect()
}

fn assertion<'a>(credentials: &'a Credentials, label: &str) -> Option<&'a Value> {
    let assertions = &credentials.manifests[0].assertions;
    assertions.iter().find(|(found, _)| found == label).map(|(_, value)| value)
}

#[test]
fn every_format_is_signed_and_read_back_as_meant() {
    for (mime, bytes) in formats() {
        assert!(can_sign(mime), "{mime}");
        let out = signed(&bytes, mime, &created(), None).unwrap_or_else(|err| panic!("{mime}: {err}"));
        let told = looked_at(&out, mime, &Trust::default());
        assert_eq!(told.state, State::Valid, "{mime}: {:?}", told.statuses);
        assert_eq!(failures(&told), ["signingCredential.untrusted"], "{mime}");
        let told = looked_at(&out, mime, &trusting());
        assert_eq!(told.state, State::Trusted, "{mime}: {:?}", told.statuses);
        assert_eq!(failures(&told), [""; 0], "{mime}");
        let [manifest] = told.manifests.as_slice() else { panic!("{mime}: {:?}", told.manifests) };
        assert_eq!(manifest.title.as_deref(), Some("a title"), "{mime}");
        assert_eq!(manifest.generator.as_deref(), Some("Signer 1.2"), "{mime}");
        let [action] = manifest.actions.as_slice() else { panic!("{mime}: {:?}", manifest.actions) };
        assert_eq!(action.name, "c2pa.created", "{mime}");
        assert_eq!(action.source_type.as_deref(), Some(MADE_BY_A_MODEL), "{mime}");
        assert_eq!(action.agent.as_deref(), Some("Model"), "{mime}");
        assert_eq!(action.agent_version.as_deref(), Some("1.2"), "{mime}");
        assert_eq!(action.when.as_deref(), Some("2026-11-24T10:00:00Z"), "{mime}");
        assert_eq!(assertion(&told, AIGC_ASSERTION), Some(&label()), "{mime}");
        let disclosed = json!({
            "provider": "Example Ltd", "system": "Model", "systemVersion": "1.2", "contentId": "id-1",
            "when": "2026-11-24T10:00:00Z",
        });
        assert_eq!(assertion(&told, DISCLOSURE_ASSERTION), Some(&disclosed), "{mime}");
        let signer = manifest.signer.as_ref().unwrap();
        assert_eq!(signer.organization.as_deref(), Some("Example"), "{mime}");
        assert_eq!(signer.algorithm.as_deref(), Some("es256"), "{mime}");

        // A changed byte of the content: the last piece of the original that stands in the result.
        let mut changed = out.clone();
        changed[place_of_content(&bytes, &out, mime)] ^= 1;
        match read(Cursor::new(&changed), mime, &trusting()) {
            Ok(told) => assert_eq!(told.state, State::Invalid, "{mime}"),
            Err(Unread::Malformed(_)) => {}
            Err(err) => panic!("{mime}: {err}"),
        }
    }
}

/// Where in a signed file a byte of the original content stands.
fn place_of_content(original: &[u8], signed: &[u8], mime: &str) -> usize {
    let piece = original.len().min(48);
    (0..=original.len() - piece)
        .rev()
        .find_map(|start| {
            let piece = &original[start..start + piece];
            let at = signed.windows(piece.len()).position(|window| window == piece)?;
            Some(at + piece.len() / 2)
        })
        .unwrap_or_else(|| panic!("{mime}: nothing of the content is left"))
}

#[test]
fn every_sample_is_signed_so_that_it_holds_or_refused() {
    let folders = [
        ("image/jpeg", "jpeg"),
        ("image/png", "png"),
        ("image/webp", "webp"),
        ("image/gif", "gif"),
        ("image/tiff", "tiff"),
        ("image/x-adobe-dng", "dng"),
        ("image/svg+xml", "svg"),
        ("image/avif", "avif"),
        ("image/heic", "heif"),
        ("image/jxl", "jxl"),
        ("audio/wav", "wav"),
        ("audio/mpeg", "mp3"),
        ("audio/flac", "flac"),
        ("video/vnd.avi", "avi"),
        ("audio/mp4", "m4a"),
        ("video/mp4", "mp4"),
        ("video/quicktime", "mov"),
    ];
    let mut refused = Vec::new();
    for (mime, folder) in folders {
        for file in fs::read_dir(samples().join(folder)).unwrap() {
            let path = file.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            match signed(&fs::read(&path).unwrap(), mime, &created(), None) {
                Ok(out) => {
                    let told = looked_at(&out, mime, &trusting());
                    assert_eq!(told.state, State::Trusted, "{name}: {:?}", told.statuses);
                }
                Err(SignError::Unsupported(_) | SignError::Malformed(_)) => refused.push(name),
                Err(err) => panic!("{name}: {err}"),
            }
        }
    }
    refused.sort();
    // The library takes no RF64, no UTF-16 in SVG, and no QuickTime file without a brand; a JPEG XL codestream has no
    // place for a manifest.
    let known = ["chords-rf64.wav", "dandelion-codestream.jxl", "dandelion-no-brand.mov", "hills-utf16.svg"];
    assert_eq!(refused, known);
}

#[test]
fn a_signed_file_signed_again_keeps_its_manifest_as_the_parent() {
    for (mime, bytes) in formats() {
        let first = signed(&bytes, mime, &created(), None).unwrap();
        assert!(matches!(signed(&first, mime, &created(), None), Err(SignError::WouldLose)), "{mime}");
        let parent = Parent {
            stream: &mut Cursor::new(&first),
            mime,
            title: Some("before"),
            store: None,
            even_if_invalid: false,
        };
        let second =
            signed(&first, mime, &edited(), Some(parent)).unwrap_or_else(|err| panic!("{mime}: {err}"));
        let told = looked_at(&second, mime, &Trust::default());
        assert_eq!(told.state, State::Valid, "{mime}: {:?}", told.statuses);
        assert_eq!(looked_at(&second, mime, &trusting()).state, State::Trusted, "{mime}");
        let [active, before] = told.manifests.as_slice() else { panic!("{mime}: {:?}", told.manifests) };
        let actions: Vec<_> = active.actions.iter().map(|action| action.name.as_str()).collect();
        assert_eq!(actions, ["c2pa.opened", "c2pa.edited"], "{mime}");
        assert_eq!(active.actions[1].source_type.as_deref(), Some(EDITED_BY_A_MODEL), "{mime}");
        assert_eq!((before.part, before.depth), (Part::Whole, 1), "{mime}");
        assert_eq!(before.actions[0].name, "c2pa.created", "{mime}");
    }
}

#[test]
fn a_parent_without_a_manifest_is_named_and_the_label_is_an_edit_of_metadata() {
    let bytes = fs::read(samples().join("jpeg/dandelion-420.jpg")).unwrap();
    let parent = Parent {
        stream: &mut Cursor::new(&bytes),
        mime: "image/jpeg",
        title: None,
        store: None,
        even_if_invalid: false,
    };
    let statement = Statement { deed: Deed::Labelled, source_type: None, ..created() };
    let out = signed(&bytes, "image/jpeg", &statement, Some(parent)).unwrap();
    let told = looked_at(&out, "image/jpeg", &trusting());
    assert_eq!(told.state, State::Trusted);
    assert_eq!(told.manifests[0].actions[1].name, "c2pa.edited.metadata");
    // A parent of a type that the library does not know.
    let parent = Parent {
        stream: &mut Cursor::new(b"text"),
        mime: "text/plain",
        title: None,
        store: None,
        even_if_invalid: false,
    };
    let out = signed(&bytes, "image/jpeg", &edited(), Some(parent)).unwrap();
    assert_eq!(looked_at(&out, "image/jpeg", &trusting()).state, State::Trusted);
}

#[test]
fn a_parent_whose_manifest_cannot_be_kept_stops_signing() {
    let bytes = fs::read(samples().join("png/gradient-palette.png")).unwrap();
    let first = signed(&bytes, "image/png", &created(), None).unwrap();
    // The claim box is no longer one.
    let at = first.windows(8).position(|window| window == b"jumdc2cl").unwrap();
    let mut broken = first;
    broken[at] = b'x';
    let parent = Parent {
        stream: &mut Cursor::new(&broken),
        mime: "image/png",
        title: None,
        store: None,
        even_if_invalid: false,
    };
    let err = signed(&bytes, "image/png", &edited(), Some(parent)).unwrap_err();
    assert!(matches!(err, SignError::ParentLost(_)), "{err:?}");
    let parent = Parent {
        stream: &mut Cursor::new(&bytes),
        mime: "image/png",
        title: None,
        store: Some(b"no store"),
        even_if_invalid: false,
    };
    let err = signed(&bytes, "image/png", &edited(), Some(parent)).unwrap_err();
    assert!(matches!(err, SignError::ParentLost(_)), "{err:?}");
}

#[test]
fn a_parent_whose_manifest_does_not_hold_stops_signing_unless_it_is_wanted() {
    let bytes = fs::read(samples().join("png/gradient-palette.png")).unwrap();
    let mut first = signed(&bytes, "image/png", &created(), None).unwrap();
    let place = place_of_content(&bytes, &first, "image/png");
    first[place] ^= 1;
    let again = |even_if_invalid| {
        let stream = &mut Cursor::new(&first);
        let parent = Parent { stream, mime: "image/png", title: None, store: None, even_if_invalid };
        signed(&first, "image/png", &edited(), Some(parent))
    };
    let err = again(false).unwrap_err();
    assert!(
        matches!(&err, SignError::ParentInvalid(codes) if codes == "assertion.dataHash.mismatch"),
        "{err:?}"
    );
    let told = looked_at(&again(true).unwrap(), "image/png", &trusting());
    assert_eq!(told.manifests.len(), 2);
    // The same with a store that stands beside.
    let store = sign_beside(&mut Cursor::new(&bytes), "image/png", &created(), &key(), None).unwrap();
    let stream = &mut Cursor::new(&first);
    let parent =
        Parent { stream, mime: "image/png", title: None, store: Some(&store), even_if_invalid: false };
    let err = signed(&bytes, "image/png", &edited(), Some(parent)).unwrap_err();
    assert!(matches!(err, SignError::ParentInvalid(_)), "{err:?}");
}

#[test]
fn watermark_and_further_assertions_are_told() {
    let bytes = fs::read(samples().join("jpeg/dandelion-420.jpg")).unwrap();
    let mining = json!({ "entries": { "cawg.ai_training": { "use": "notAllowed" } } });
    let metadata =
        json!({ "@context": { "dc": "http://purl.org/dc/elements/1.1/" }, "dc:creator": ["Someone"] });
    let other = json!({ "key": [1, 2, { "deep": null }] });
    let statement = Statement {
        soft_bindings: vec![SoftBinding { algorithm: "com.example.mark".into(), value: "QUJD".into() }],
        training_mining: Some(mining.clone()),
        metadata: Some(metadata.clone()),
        assertions: vec![("org.example.further".into(), other.clone())],
        ..created()
    };
    let out = signed(&bytes, "image/jpeg", &statement, None).unwrap();
    let told = looked_at(&out, "image/jpeg", &trusting());
    assert_eq!(told.state, State::Trusted, "{:?}", told.statuses);
    assert_eq!(told.manifests[0].actions[1].name, "c2pa.watermarked.bound");
    let binding = assertion(&told, "c2pa.soft-binding").unwrap();
    assert_eq!(
        (&binding["alg"], &binding["blocks"][0]["value"]),
        (&json!("com.example.mark"), &json!("QUJD"))
    );
    assert_eq!(assertion(&told, "cawg.training-mining"), Some(&mining));
    assert_eq!(assertion(&told, "cawg.metadata"), Some(&metadata));
    assert_eq!(assertion(&told, "org.example.further"), Some(&other));
}

#[test]
fn files_that_are_not_what_they_should_be_are_refused_before_anything_is_written() {
    for (mime, bytes) in formats() {
        // SVG is signed in place of its own markup, and needs no more than that.
        for broken in [&bytes[..bytes.len().min(6)], &[]] {
            let mut output = Cursor::new(Vec::new());
            let result = sign(&mut Cursor::new(broken), mime, &mut output, &created(), &key(), None);
            assert!(result.is_err(), "{mime}: {result:?}");
        }
    }
    let mut output = Cursor::new(Vec::new());
    let result = sign(&mut Cursor::new(b"%PDF-"), "application/pdf", &mut output, &created(), &key(), None);
    assert!(matches!(result, Err(SignError::Unsupported(_))));
    let bare = fs::read(samples().join("jxl/dandelion-codestream.jxl")).unwrap();
    let result = sign(&mut Cursor::new(bare), "image/jxl", &mut output, &created(), &key(), None);
    assert!(matches!(result, Err(SignError::Unsupported(what)) if what.contains("codestream")));
    assert!(!can_sign("text/plain") && !can_sign("application/pdf") && !can_sign("audio/ogg"));
    assert!(output.into_inner().is_empty());
}

#[test]
fn a_manifest_beside_a_file_of_any_type_holds_until_the_file_changes() {
    for (mime, path) in [
        ("audio/ogg", "ogg"),
        ("application/pdf", "pdf"),
        ("video/webm", "webm"),
        ("text/html", "html"),
        ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", "docx"),
        ("image/jpeg", "jpeg"),
    ] {
        let folder = fs::read_dir(samples().join(path)).unwrap();
        let mut bytes = fs::read(folder.map(|file| file.unwrap().path()).min().unwrap()).unwrap();
        let store = sign_beside(&mut Cursor::new(&bytes), mime, &created(), &key(), None).unwrap();
        let told = read_beside(&store, Cursor::new(&bytes), mime, &trusting()).unwrap();
        assert_eq!(told.state, State::Trusted, "{mime}: {:?}", told.statuses);
        assert_eq!(assertion(&told, AIGC_ASSERTION), Some(&label()), "{mime}");
        // The file changes, and the old store goes on as the parent's.
        let original = bytes.clone();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        let told = read_beside(&store, Cursor::new(&bytes), mime, &trusting()).unwrap();
        assert_eq!(told.state, State::Invalid, "{mime}");
        let parent = Parent {
            stream: &mut Cursor::new(&original),
            mime,
            title: None,
            store: Some(&store),
            even_if_invalid: false,
        };
        let store = sign_beside(&mut Cursor::new(&bytes), mime, &edited(), &key(), Some(parent)).unwrap();
        let told = read_beside(&store, Cursor::new(&bytes), mime, &trusting()).unwrap();
        assert_eq!(told.state, State::Trusted, "{mime}: {:?}", told.statuses);
        assert_eq!(told.manifests.len(), 2, "{mime}");
    }
}

#[test]
#[cfg(unix)]
fn a_command_that_fails_is_told_of_as_such() {
    let command = SigningCommand {
        program: "sh".into(),
        arguments: vec!["-c".into(), "exit 3".into()],
        time_limit: Duration::from_secs(20),
    };
    let key = SigningKey::from_command(&CHAIN.chain, Algorithm::Es256, command, now()).unwrap();
    let bytes = fs::read(samples().join("jpeg/dandelion-420.jpg")).unwrap();
    let mut output = Cursor::new(Vec::new());
    let err = sign(&mut Cursor::new(bytes), "image/jpeg", &mut output, &created(), &key, None).unwrap_err();
    assert!(matches!(err, SignError::Key(KeyError::Command(CommandError::Failed(_)))), "{err:?}");
    let err = sign_text(b"text", &created(), &key, None).unwrap_err();
    assert!(matches!(err, SignError::Key(KeyError::Command(CommandError::Failed(_)))), "{err:?}");
}

#[test]
fn text_is_signed_and_holds_until_it_changes() {
    for text in ["", "Plain text.\n", "\u{FEFF}\u{6587}\u{5B57}\u{3002} \u{2764}\u{FE0F}"] {
        let out = sign_text(text.as_bytes(), &created(), &key(), None).unwrap();
        assert_eq!(out.get(..text.len()), Some(text.as_bytes()));
        let wrapper = text_wrapper::find(&out).unwrap().unwrap();
        assert_eq!((wrapper.start, wrapper.start + wrapper.length), (text.len(), out.len()));
        // No padding: the wrapper is the store's and nothing else.
        assert_eq!(text_wrapper::encode(&wrapper.store).unwrap().as_bytes(), &out[text.len()..]);
        let told = read_text(&out, &Trust::default()).unwrap();
        assert_eq!((told.state, failures(&told)), (State::Valid, vec!["signingCredential.untrusted"]));
        let told = read_text(&out, &trusting()).unwrap();
        assert_eq!(told.state, State::Trusted, "{:?}", told.statuses);
        assert_eq!(assertion(&told, AIGC_ASSERTION), Some(&label()));
        // Added before, and added after.
        let changed = read_text(&[b"x", out.as_slice()].concat(), &trusting()).unwrap();
        assert_eq!(changed.state, State::Invalid);
        let changed = read_text(&[out.as_slice(), b"x"].concat(), &trusting()).unwrap();
        assert_eq!(changed.state, State::Invalid);
    }
}

#[test]
fn text_signed_again_keeps_its_manifest_as_the_parent() {
    let old = sign_text(b"Old text.", &created(), &key(), None).unwrap();
    assert!(matches!(sign_text(&old, &created(), &key(), None), Err(SignError::WouldLose)));
    let store = text_wrapper::find(&old).unwrap().unwrap().store;
    let parent = Parent {
        stream: &mut Cursor::new(&old),
        mime: "text/plain",
        title: None,
        store: Some(&store),
        even_if_invalid: false,
    };
    let new = sign_text(b"New text.", &edited(), &key(), Some(parent)).unwrap();
    let told = read_text(&new, &trusting()).unwrap();
    assert_eq!(told.state, State::Trusted, "{:?}", told.statuses);
    let parts: Vec<_> = told.manifests.iter().map(|manifest| (manifest.part, manifest.depth)).collect();
    assert_eq!(parts, [(Part::Whole, 0), (Part::Whole, 1)]);
}

#[test]
fn text_that_is_not_utf_8_or_not_normalized_is_refused() {
    let refused = |text: &[u8]| match sign_text(text, &created(), &key(), None) {
        Err(SignError::Text(why)) => why,
        other => panic!("{other:?}"),
    };
    assert!(refused(b"\xC4\xE3").contains("UTF-8"));
    assert!(refused("e\u{301}".as_bytes()).contains("normalization form C"));
    assert_eq!(read_text(b"plain", &Trust::default()), Err(Unread::None));
    let mut out = sign_text(b"text", &created(), &key(), None).unwrap();
    out.truncate(out.len() - 4);
    assert!(
        matches!(read_text(&out, &Trust::default()), Err(Unread::Malformed(why)) if why.contains("corrupted"))
    );
}
