"""The simulated Kakao Login: kauth.kakao.com below ``/kakao``, kapi.kakao.com below ``/kapi``.

``simulator`` is what a test has as ``vk.kakao`` and ``service`` what the server asks; ``state`` is what Kakao knows.
"""
