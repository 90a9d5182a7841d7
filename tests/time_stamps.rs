//! RFC 3161 time stamps in C2PA manifests, from an authority that OpenSSL makes, on this machine.

#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

mod forging;
mod program;
mod signing;

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::Command;
use std::thread;

use signing::Signing;

const CONFIG: &str = "\
[tsa]
default_tsa = one
[one]
serial = serial
signer_cert = tsa.pem
signer_key = tsa.key
certs = chain.pem
default_policy = 1.2.3.4.1
digests = sha256, sha384, sha512
signer_digest = sha256
accuracy = secs:1
ess_cert_id_alg = sha256
[req]
distinguished_name = name
[name]
[root]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign
subjectKeyIdentifier = hash
[extensions]
basicConstraints = critical, CA:FALSE
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
keyUsage = critical, digitalSignature
extendedKeyUsage = critical, timeStamping
";

fn openssl(folder: &Path, args: &[&str]) -> bool {
    Command::new("openssl").args(args).current_dir(folder).output().is_ok_and(|run| run.status.success())
}

/// An authority below the folder of a test: its root certificate, and the address where it answers.
fn authority(signing: &Signing) -> (String, String) {
    let found = Command::new("openssl").arg("version").output();
    assert!(
        found.is_ok(),
        "this test makes a time-stamping authority with OpenSSL: install the package openssl"
    );
    let folder = signing.0.at("authority");
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("tsa.cnf"), CONFIG).unwrap();
    fs::write(folder.join("serial"), "01\n").unwrap();
    // The reader takes no authority that vouches for itself.
    let steps = [
        "req -x509 -newkey rsa:2048 -nodes -keyout root.key -out root.pem -days 30 -subj /C=DE/O=Time/CN=Root -config tsa.cnf \
         -extensions root",
        "req -newkey rsa:2048 -nodes -keyout tsa.key -out tsa.csr -subj /C=DE/O=Time/CN=Authority -config tsa.cnf",
        "x509 -req -in tsa.csr -CA root.pem -CAkey root.key -set_serial 7 -out tsa.pem -days 30 -extfile tsa.cnf -extensions \
         extensions",
    ];
    for step in steps {
        assert!(openssl(&folder, &step.split_whitespace().collect::<Vec<_>>()), "{step}");
    }
    fs::copy(folder.join("root.pem"), folder.join("chain.pem")).unwrap();
    let root = folder.join("root.pem").to_str().unwrap().to_owned();
    let url = serve(move |query| {
        fs::write(folder.join("query"), query).unwrap();
        let args =
            ["ts", "-reply", "-config", "tsa.cnf", "-section", "one", "-queryfile", "query", "-out", "reply"];
        assert!(openssl(&folder, &args));
        fs::read(folder.join("reply")).unwrap()
    });
    (root, url)
}

/// Answers requests for time stamps as `answer` says, until the test ends.
fn serve(answer: impl Fn(Vec<u8>) -> Vec<u8> + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || listener.incoming().flatten().for_each(|stream| reply(stream, &answer)));
    format!("http://{address}/tsa")
}

fn reply(stream: TcpStream, answer: &dyn Fn(Vec<u8>) -> Vec<u8>) {
    let mut reader = BufReader::new(stream);
    let (mut length, mut line) = (0, String::new());
    while reader.read_line(&mut line).is_ok_and(|read| read > 2) {
        if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
        line.clear();
    }
    let mut body = vec![0; length];
    if reader.read_exact(&mut body).is_err() {
        return;
    }
    let answer = answer(body);
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/timestamp-reply\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        answer.len()
    );
    let mut stream = reader.into_inner();
    let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&answer));
}

#[test]
fn a_plan_counts_on_the_time_stamp_that_is_asked_for() {
    let signing = Signing::new();
    signing.0.sample("jpeg/dandelion-420.jpg", "a.jpg");
    let plain = ["label", "a.jpg", "--for", "eu", "--dry-run", "--producer", "A"];
    let unmet = "stays unmet: a time stamp";
    let run = signing.run(&plain);
    assert!(run.out.contains(unmet), "{run:?}");
    let run = signing.run(&[&plain[..], &["--c2pa-tsa", "http://127.0.0.1:9/none"]].concat());
    assert!(
        !run.out.contains(unmet) && run.out.contains("eu.cop.1.1.1.time"),
        "nobody is asked yet: {run:?}"
    );
}

#[test]
fn a_time_stamp_is_asked_for_only_by_the_flag_and_checked() {
    let signing = Signing::new();
    signing.0.sample("jpeg/dandelion-420.jpg", "a.jpg");
    let plain = ["label", "a.jpg", "--producer", "Example Ltd", "--with", "c2pa", "-o"];
    let sign = |out: &str, url: &str| signing.run(&[&plain[..], &[out, "--c2pa-tsa", url]].concat());
    for (url, why) in [
        (serve(|_| b"rubbish".to_vec()), "no time stamp"),
        (serve(|_| Vec::new()), "no time stamp"),
        ("http://127.0.0.1:9/none".to_owned(), "http://127.0.0.1:9/none"),
        ("https://example.org".to_owned(), "starts with http://"),
    ] {
        let run = sign("x.jpg", &url);
        assert!(matches!(run.code, Some(2 | 4)), "{url}: {run:?}");
        assert!(run.out.contains(why) || run.err.contains(why), "{url}: {run:?}");
        assert!(!signing.0.at("x.jpg").exists(), "{url}");
    }
    let (roots, url) = authority(&signing);
    let run = sign("b.jpg", &url);
    assert_eq!(run.code, Some(0), "{run:?}");
    let root = signing.root();
    let trust = ["--trust-anchors", &root, "--trust-anchors", &roots];
    let raw = |path: &str| signing.marks(path, "c2pa", &trust)[0]["raw"].as_str().unwrap().to_owned();
    assert!(
        raw("b.jpg").contains("holds, signer trusted") && raw("b.jpg").contains("time stamp of 20"),
        "{}",
        raw("b.jpg")
    );
    assert_eq!(signing.run(&[&plain[..], &["c.jpg"]].concat()).code, Some(0));
    assert!(!raw("c.jpg").contains("time stamp"), "without the flag none is asked for: {}", raw("c.jpg"));
    // A stamp of something else is none.
    let stale = signing.0.at("authority").join("reply");
    let url = serve(move |_| fs::read(&stale).unwrap());
    let run = sign("x.jpg", &url);
    assert!(run.code == Some(4) && run.out.contains("no time stamp of what was sent"), "{run:?}");
    assert!(!signing.0.at("x.jpg").exists());
}

#[test]
#[allow(clippy::disallowed_methods, reason = "the program asks the clock whether a certificate is valid")]
fn a_certificate_that_has_run_out_holds_with_a_time_stamp_of_before_and_not_without() {
    use std::time::{Duration, SystemTime};
    let signing = Signing::new();
    signing.0.sample("jpeg/dandelion-420.jpg", "a.jpg");
    let (times, url) = authority(&signing);
    // Signed and stamped within its time, and read after it: as long as a slow machine may take to sign twice.
    let lasts = Duration::from_secs(10);
    let now = || SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    let end = now() + lasts;
    let (root, key) = (forging::Authority::root("Root"), forging::new_key());
    let mut leaf = forging::signer();
    leaf.not_after = rcgen::date_time_ymd(1970, 1, 1) + Duration::from_secs(end.as_secs());
    let pem = |der: &[u8]| pem::encode(&pem::Pem::new("CERTIFICATE", der));
    signing.0.write("root.pem", pem(&root.der));
    signing.0.write("chain.pem", pem(&root.issue(&leaf, &key)));
    signing.0.write("key.pem", key.serialize_pem());
    let with = ["--c2pa-key", "key.pem", "--c2pa-chain", "chain.pem", "--with", "c2pa", "--producer", "A"];
    for (out, more) in [("stamped.jpg", &["--c2pa-tsa", &url][..]), ("plain.jpg", &[])] {
        let run = signing.run(&[&["label", "a.jpg", "-o", out], &with[..], more].concat());
        assert_eq!(run.code, Some(0), "{out}: {run:?}");
    }
    thread::sleep((end + Duration::from_secs(2)).saturating_sub(now()));
    let trust = ["--trust-anchors", "root.pem", "--trust-anchors", &times];
    let told = |path: &str| signing.marks(path, "c2pa", &trust)[0].to_string();
    let stamped = told("stamped.jpg");
    assert!(stamped.contains("holds, signer trusted") && !stamped.contains("c2pa-expired"), "{stamped}");
    let plain = told("plain.jpg");
    assert!(
        plain.contains("does not hold; 1 manifest") && plain.contains("signingCredential.expired"),
        "{plain}"
    );
    assert!(plain.contains("none of them is that the content was changed"), "{plain}");
}
