"""What travels, whoever it is from: requests and answers, JSON, pages, addresses, hosts. Pure; knows no vendor."""
