//! The checksum in the first frame that LAME writes: CRC-16 with the polynomial 0x8005, lowest bit first,
//! starting from zero.

/// The checksum of bytes that follow others with the checksum `before`.
pub(super) fn crc16(before: u16, bytes: &[u8]) -> u16 {
    bytes.iter().fold(before, |crc, byte| (0..8).fold(crc ^ u16::from(*byte), |crc, _| step(crc)))
}

/// The checksum of two stretches of bytes one after the other, from that of each and the length of the second.
///
/// So the sound of a file need not be read to know its checksum with a notice before and after it.
pub(super) fn joined(first: u16, second: u16, mut len: u64) -> u16 {
    // What a zero byte does to each bit of a checksum; squaring it gives 2, 4, 8 ... zero bytes.
    let mut map: [u16; 16] = std::array::from_fn(|bit| crc16(1 << bit, &[0]));
    let mut moved = first;
    while len > 0 {
        if len & 1 == 1 {
            moved = apply(&map, moved);
        }
        map = map.map(|column| apply(&map, column));
        len >>= 1;
    }
    moved ^ second
}

fn step(crc: u16) -> u16 {
    crc >> 1 ^ if crc & 1 == 1 { 0xA001 } else { 0 }
}

fn apply(map: &[u16; 16], crc: u16) -> u16 {
    map.iter().enumerate().filter(|(bit, _)| crc >> bit & 1 == 1).fold(0, |sum, (_, column)| sum ^ column)
}

#[cfg(test)]
mod tests {
    use super::{crc16, joined};

    #[test]
    fn it_is_the_known_checksum_and_can_be_joined() {
        assert_eq!(crc16(0, b"123456789"), 0xBB3D, "the check value of CRC-16/ARC");
        for cut in 0..9 {
            let (first, second) = b"123456789".split_at(cut);
            assert_eq!(joined(crc16(0, first), crc16(0, second), second.len() as u64), 0xBB3D);
        }
    }
}
