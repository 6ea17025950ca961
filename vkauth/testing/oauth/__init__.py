"""What the simulated services have in common where applications get people's consent and codes for it.

``sign_in`` are the steps of a person and ``pages`` what is shown at each; ``grants`` keeps codes and tokens,
``id_tokens`` signs, ``pkce`` compares a challenge, and ``redirects`` says which addresses may be returned to.
"""
