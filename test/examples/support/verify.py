"""Cases of verification, one line of JSON each, in: true, false or error each, out. Argument: the folder of verify.py."""
import json
import sys

sys.path.insert(0, sys.argv[1])
sys.dont_write_bytecode = True
from verify import VerificationError, verify  # noqa: E402

for line in sys.stdin:
    case = json.loads(line)
    body = case["body"].encode()
    try:
        event = verify(body, case["headers"], case["keys"], case["now"])
        print("true" if event == json.loads(body) else "another event")
    except VerificationError:
        print("false")
    except ValueError:
        print("error")
