"""The code flow once, whoever it is with: what is sent, what came back, what it means. Pure; knows no vendor."""
