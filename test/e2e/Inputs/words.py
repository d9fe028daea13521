"""The shown values of words.nn, on standard input: text where words are meant, numbers after a cast."""
import json
import sys

shown = json.loads(sys.stdin.read())
text = "the cat sat on"
expected = {"i_stacked": [text, text], "q_first": "the", "s_special": shown["w_carried"], "x_last": "on", "z_number": 6}
for name, value in shown.items():
    flat = value[0] if isinstance(value, list) and len(value) == 1 else value
    if name == "y_numbers":
        assert all(isinstance(n, int) for n in value[0]) and len(value[0]) == 4, value
    elif name in "s_special t_pads u_list v_pair w_carried":
        assert isinstance(flat, str), (name, value)
    else:
        assert flat == expected.get(name, text), (name, value)
