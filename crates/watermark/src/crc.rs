/// CRC-16 of bits, the first first: polynomial 0x1021, initial value 0xFFFF, no reflection (CRC-16/IBM-3740).
pub fn crc16(bits: impl IntoIterator<Item = bool>) -> u16 {
    bits.into_iter().fold(0xFFFF, |crc, bit| {
        let shifted = crc << 1;
        if (crc >> 15 == 1) == bit { shifted } else { shifted ^ 0x1021 }
    })
}

#[cfg(test)]
mod tests {
    use super::crc16;

    #[test]
    fn the_catalogue_value() {
        let bits = b"123456789".iter().flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1 == 1));
        assert_eq!(crc16(bits), 0x29B1);
        assert_eq!(crc16([]), 0xFFFF);
    }
}
