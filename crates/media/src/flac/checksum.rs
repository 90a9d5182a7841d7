//! The checksums of FLAC frames: both start from zero, highest bit first (RFC 9639, 9.1.8 and 9.3).

use std::array;
use std::sync::LazyLock;

/// What each byte does to the checksum of a frame.
static TABLE: LazyLock<[u16; 256]> = LazyLock::new(|| {
    array::from_fn(|byte| {
        let byte = u16::try_from(byte).unwrap_or(0) << 8;
        (0..8).fold(byte, |crc, _| crc << 1 ^ if crc & 0x8000 != 0 { 0x8005 } else { 0 })
    })
});

/// The checksum of a frame header: CRC-8 with the polynomial 0x07.
pub(super) fn crc8(bytes: &[u8]) -> u8 {
    bytes.iter().fold(0, |crc, byte| {
        (0..8).fold(crc ^ byte, |crc: u8, _| crc << 1 ^ if crc & 0x80 != 0 { 0x07 } else { 0 })
    })
}

/// The checksum of a frame, CRC-16 with the polynomial 0x8005, of bytes that follow others with the checksum
/// `before`.
pub(super) fn crc16(before: u16, bytes: &[u8]) -> u16 {
    let table = &*TABLE;
    bytes.iter().fold(before, |crc, byte| {
        let [high, low] = crc.to_be_bytes();
        u16::from_be_bytes([low, 0]) ^ table.get(usize::from(high ^ byte)).copied().unwrap_or(0)
    })
}

#[cfg(test)]
mod tests {
    use super::{crc8, crc16};

    #[test]
    fn the_values_that_catalogues_list_for_check() {
        // CRC-8/SMBUS and CRC-16/UMTS of the nine digits.
        assert_eq!(crc8(b"123456789"), 0xF4);
        assert_eq!(crc16(0, b"123456789"), 0xFEE8);
        assert_eq!(crc16(crc16(0, b"1234"), b"56789"), 0xFEE8);
    }
}
