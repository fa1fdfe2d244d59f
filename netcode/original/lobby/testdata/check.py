# Plays a recorded reference game with the environment that stock pages get, and compares every state,
# reward and end to the last bit, and pictures to 1e-9. Every observation goes through what a page does
# with it first. python3 check.py SLIME.PY GAME... RENDER
import gzip, json, struct, sys

import numpy as np

space = {}
exec(open(sys.argv[1]).read(), space)
bits = lambda v: struct.pack(">d", v + 0.0) if isinstance(v, (int, float)) and not isinstance(v, bool) else v
count = {"step": 0, "render": 0}


def same(got, want, what):
    for key in want:
        if bits(got[key]) != bits(want[key]):
            sys.exit(f"{what}: {key} is {got[key]!r}, not {want[key]!r}")
    if len(got) != len(want):
        sys.exit(f"{what}: {len(got)} fields, not {len(want)}")


def close(a, b, what):
    if isinstance(b, dict):
        ok = a.keys() == b.keys() and all(close(a[k], b[k], f"{what} {k}") for k in b)
    elif isinstance(b, list):
        ok = len(a) == len(b) and all(close(x, y, what) for x, y in zip(a, b))
    elif isinstance(b, float):
        ok = abs(a - b) < 1e-9
    else:
        ok = a == b
    if not ok:
        sys.exit(f"{what}: {a} where {b} should be")
    return True


def page(obs, infos, where):
    """What a page makes of observations before it hands them to JavaScript: each one flat, as float32. It
    takes an array for the only agent, a dictionary of arrays, or one of dictionaries of arrays."""
    flat = lambda v: v.reshape(-1).astype(np.float32)
    if not isinstance(obs, dict):
        return {"human": flat(obs)}
    deep = isinstance(next(iter(obs.values())), dict)
    out = {k: {kk: flat(vv) for kk, vv in v.items()} if deep else flat(v) for k, v in obs.items()}
    for key, v in out.items():
        if deep or v.shape != (12,) or v.dtype != np.float32:
            sys.exit(f"{where}: a page gets {v!r} of {key}")
    if infos.keys() != out.keys():
        sys.exit(f"{where}: infos of {list(infos)}")
    return {k: v.tolist() for k, v in out.items()}


# What a page does before it joins: it looks for the two methods, and resets with the game's seed.
fresh = space["SlimeVolleyball"]()
if not callable(getattr(space["env"], "get_state")) or not callable(getattr(space["env"], "set_state")):
    sys.exit("a page asks for get_state and set_state")
page(*fresh.reset(seed=4294967295), "reset")

for path in sys.argv[2:]:
    game = None
    for number, row in enumerate(map(json.loads, gzip.open(path, "rt"))):
        where = f"row {number}"
        if row["type"] == "header":
            game = space["SlimeVolleyball"](row["seed"])
            first = True
        elif row["type"] == "reset":
            if not first:
                game.reset()
            first = False
            same(game.get_state(), row["state"], where)
            close(page(game.obs, {a: {} for a in game.obs}, where), row["obs"], where)
        elif row["type"] == "step":
            obs, rewards, terminateds, truncateds, infos = game.step(row["actions"])
            same(game.get_state(), row["state"], where)
            same(rewards, row["rewards"], where)
            same(terminateds, row["terminateds"], where)
            same(truncateds, row["truncateds"], where)
            close(page(obs, infos, where), row["obs"], where)
            copy = space["SlimeVolleyball"](1)
            copy.set_state(json.loads(json.dumps(game.get_state())))
            same(copy.get_state(), row["state"], where + ", taken over")
            count["step"] += 1
        elif row["type"] == "render" and row["variant"] == "base":
            game = space["SlimeVolleyball"]()
            game.t = row["t"]
            game.set_state(row["state"])
            game.over = any(i["uuid"] == "ball" and i["color"] != "#000000" for i in row["render"])
            close(game.render(), row["render"], where)
            count["render"] += 1
print("ok", count["step"], count["render"])
