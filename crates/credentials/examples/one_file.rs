//! What c2patool does with one file, and nothing else: reads its manifest store with the pinned C2PA library, validates
//! it, and prints it as JSON. `benches/manifests.sh` measures against it where c2patool of that version is not installed.
//!
//! `cargo run -p indicia-credentials --example one_file -- FILE`

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a tool for developers prints and may fail loudly"
)]

use c2pa::{Context, Reader};

fn main() {
    let path = std::env::args().nth(1).expect("a file");
    let reader = Reader::from_context(Context::new()).with_file(path).unwrap();
    println!("{}", reader.json());
}
