"""What VK says and what is said to it: bytes in, typed values out. No I/O, no clock, no chance here."""
