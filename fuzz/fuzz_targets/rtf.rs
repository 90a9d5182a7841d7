#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| indicia_fuzz::format("rtf", data));
