"""Golden vectors for src/crypto/paillier.test.ts: ciphertexts of textbook Paillier (Paillier 1999, scheme 1, g = n + 1, full-size randomness), written with Python's integers alone.

Run: python3 tools/golden/paillier.py > src/crypto/paillier.golden.json
The two safe primes were drawn once by OpenSSL (1024 bits each) and are public here: for tests only.
"""
import json
import platform
import random

P = 0xf5c4fb9df43e08951ed71775e6c207be0a5d9d74fb020956e32b11445ad6570efa0255e5ac7647af4c111d2411222da20f03671918716fc42c3f9b7ecbbece2814dcec3f013e87e0867426e6a44291fea23f782c8fb7015c589f1089b74394f8e141be3f1403e49ae1a7da239c21512bb579ad287a60359d89a500652e08624b
Q = 0xe8ac354a0be39e544ff653939e867620980a1434c3b009bfba06a9aa53c847f2ffaec115d95e5b23eb4cc5b1b57add3b86e62ff928fb850fc3cab7fa62fa6a651a7e4380fa94e810a2fc7394f9b5768694994b5a1c9d921cec7a7af101c6696a92d1ba24c1b414b5274374d08c1c06844bbb20ad167248b67e59f9ca1b2878d7


def probably_prime(x: int) -> bool:
    """Miller-Rabin, 20 rounds."""
    if any(x % small == 0 for small in (2, 3, 5, 7, 11, 13)):
        return False
    odd, twos = x - 1, 0
    while odd % 2 == 0:
        odd, twos = odd // 2, twos + 1
    for base in random.Random(1).sample(range(2, 10**6), 20):
        y = pow(base, odd, x)
        if y in (1, x - 1):
            continue
        for _ in range(twos - 1):
            y = y * y % x
            if y == x - 1:
                break
        else:
            return False
    return True


assert all(probably_prime(x) for prime in (P, Q) for x in (prime, (prime - 1) // 2))
n = P * Q
draw = random.Random(2026)
plains = [0, 1, n - 1, draw.randrange(n), draw.randrange(2**80)]
cases = [
    {"plain": hex(m), "cipher": hex((1 + m * n) * pow(draw.randrange(1, n), n, n * n) % (n * n))}
    for m in plains
]
print(json.dumps({"python": platform.python_version(), "primes": [hex(P), hex(Q)], "cases": cases}, indent=1))
