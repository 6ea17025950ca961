"""What VK says and what is said to it, as plain values: bytes in, typed values out. No I/O, clock or randomness here."""
