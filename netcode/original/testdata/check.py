# Plays a recorded reference game with the environment that stock pages get, and compares every state,
# reward and end to the last bit, and pictures to 1e-9. python3 check.py SLIME.PY GAME... RENDER
import gzip, json, struct, sys

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
            close(game.obs, row["obs"], where)
        elif row["type"] == "step":
            obs, rewards, terminateds, truncateds, _ = game.step(row["actions"])
            same(game.get_state(), row["state"], where)
            same(rewards, row["rewards"], where)
            same(terminateds, row["terminateds"], where)
            same(truncateds, row["truncateds"], where)
            close(obs, row["obs"], where)
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
