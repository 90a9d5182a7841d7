//! Bits written highest first.

/// Bytes being filled with bits.
#[derive(Debug, Default)]
pub(super) struct Bits {
    bytes: Vec<u8>,
    /// Bits that make no whole byte yet, in the low places.
    rest: u64,
    count: u32,
}

impl Bits {
    /// Appends the lowest `count` bits of a number, at most 32.
    pub(super) fn put(&mut self, value: u64, count: u32) {
        debug_assert!(count <= 32, "more bits at once than there is room for");
        self.rest = self.rest << count | value & ((1 << count) - 1);
        self.count += count;
        while self.count >= 8 {
            self.count -= 8;
            self.bytes.extend(u8::try_from(self.rest >> self.count & 0xFF));
        }
        self.rest &= (1 << self.count) - 1;
    }

    /// Appends a number in two's complement.
    pub(super) fn put_signed(&mut self, value: i64, count: u32) {
        self.put(value.cast_unsigned(), count);
    }

    /// Appends zeros and then a one.
    pub(super) fn put_unary(&mut self, zeros: u64) {
        let mut left = zeros;
        while left >= 31 {
            self.put(0, 31);
            left -= 31;
        }
        self.put(1, u32::try_from(left).unwrap_or(0) + 1);
    }

    /// Fills the last byte up with zeros.
    pub(super) fn into_bytes(mut self) -> Vec<u8> {
        if self.count > 0 {
            self.put(0, 8 - self.count);
        }
        self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::Bits;

    #[test]
    fn bits_stand_highest_first() {
        let mut bits = Bits::default();
        bits.put(0b101, 3);
        bits.put_signed(-2, 4);
        bits.put_unary(2);
        bits.put(0xABCD_EF01, 32);
        bits.put_unary(40);
        let bytes = bits.into_bytes();
        assert_eq!(bytes[..2], [0b1011_1100, 0b0110_1010], "the last six bits start 0xAB");
        assert_eq!(bytes.len(), (3 + 4 + 3 + 32 + 41_usize).div_ceil(8));
    }
}
