"""What a platform consists of anywhere: addresses, keys, rights of its users, roles of its databases."""
