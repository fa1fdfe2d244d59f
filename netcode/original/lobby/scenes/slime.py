# Slime Volleyball for a page that steps its environment in Pyodide: the same game as env/slime, in the
# same order of operations, so that both give the same bits. It leaves the instance in `env`.
import math

import numpy as np

DT, G = 1 / 30, -22.05 * (1 / 30)
EPS = 0.1 * DT
SEED = 42
HOLD, MAX_STEPS = 30, 3000
BUTTONS = [(0, 0, 0), (1, 0, 0), (1, 0, 1), (0, 0, 1), (0, 1, 1), (0, 1, 0)]  # forward, backward, jump
M32, M64, M128 = 2**32 - 1, 2**64 - 1, 2**128 - 1


class Generator:
    """numpy's default_rng(seed), as far as uniform goes: PCG64 seeded by a SeedSequence."""

    def __init__(self, seed):
        words = []
        while seed:
            words.append(seed & M32)
            seed >>= 32
        words = words or [0]
        c = 0x43B0D7E5

        def hashed(v):
            nonlocal c
            v ^= c
            c = c * 0x931E8875 & M32
            v = v * c & M32
            return v ^ v >> 16

        def mix(x, y):
            r = (0xCA01F9DD * x - 0x4973F715 * y) & M32
            return r ^ r >> 16

        pool = [hashed(words[i] if i < len(words) else 0) for i in range(4)]
        for s in range(4):
            for d in range(4):
                if s != d:
                    pool[d] = mix(pool[d], hashed(pool[s]))
        for word in words[4:]:
            for d in range(4):
                pool[d] = mix(pool[d], hashed(word))
        c, out = 0x8B51F9DD, []
        for i in range(8):
            v = pool[i % 4] ^ c
            c = c * 0x58F38DED & M32
            v = v * c & M32
            out.append(v ^ v >> 16)
        u = [out[i] | out[i + 1] << 32 for i in range(0, 8, 2)]
        self.inc = ((u[2] << 64 | u[3]) << 1 | 1) & M128
        self.state = 0
        self.advance()
        self.state = (self.state + (u[0] << 64 | u[1])) & M128
        self.advance()

    def advance(self):
        self.state = (self.state * (2549297995355413924 << 64 | 4865540595714422341) + self.inc) & M128

    def uniform(self, a, b):
        self.advance()
        x, turn = (self.state >> 64 ^ self.state) & M64, self.state >> 122
        x = (x >> turn | x << (64 - turn)) & M64
        return a + (b - a) * ((x >> 11) * 2.0**-53)


class Slime:
    def __init__(self, name, d, colour, shade):
        self.name, self.dir, self.c, self.shade = name, d, colour, shade
        self.x, self.y, self.vx, self.vy, self.want_x, self.want_y = 12.0 * d, 1.5, 0, 0, 0, 0
        self.lives, self.stock, self.timer, self.emotion = 1, 1, 0, "happy"

    def move(self):
        self.vy += G
        if self.y <= 1.5 + EPS:
            self.vy = self.want_y
        self.vx = self.want_x * self.dir
        self.x += self.vx * DT
        self.y += self.vy * DT
        if self.y <= 1.5:
            self.y, self.vy = 1.5, 0
        if self.x * self.dir <= 2.0:
            self.x, self.vx = 2.0 * self.dir, 0
        if self.x * self.dir >= 22.5:
            self.x, self.vx = 22.5 * self.dir, 0


class Ball:
    def __init__(self, vx, vy):
        self.x, self.y, self.prev_x, self.prev_y, self.vx, self.vy = 0, 12.0, 0, 12.0, vx, vy

    def fly(self):
        self.vy += G
        m2 = self.vx * self.vx + self.vy * self.vy
        if m2 > 22.5 * 22.5:
            m = math.sqrt(m2)
            self.vx, self.vy = self.vx / m * 22.5, self.vy / m * 22.5
        self.prev_x, self.prev_y = self.x, self.y
        self.x += self.vx * DT
        self.y += self.vy * DT

    def touches(self, x, y, reach):
        dx, dy = x - self.x, y - self.y
        return reach > dx * dx + dy * dy

    def meet(self, x, y, vx, vy, reach):
        if not self.touches(x, y, reach):
            return
        ax, ay = self.x - x, self.y - y
        d = math.sqrt(ax * ax + ay * ay)
        nx, ny = (ax / d, ay / d) if d > 0 else (0, 1)
        while self.touches(x, y, reach):
            self.x += nx * 0.1
            self.y += ny * 0.1
        ux, uy = self.vx - vx, self.vy - vy
        k = (ux * nx + uy * ny) * 2
        self.vx, self.vy = ux - nx * k + vx, uy - ny * k + vy

    def edges(self):
        """Where it landed: -1 on the left ground, 1 on the right, 0 nowhere."""
        if self.x <= -23.5:
            self.vx, self.x = -self.vx, -(23.5 - EPS)
        if self.x >= 23.5:
            self.vx, self.x = -self.vx, 23.5 - EPS
        if self.y <= 2.0:
            self.vy, self.y = -self.vy, 2.0 + EPS
            return -1 if self.x <= 0 else 1
        if self.y >= 47.5:
            self.vy, self.y = -self.vy, 47.5 - EPS
        if self.x <= 1.0 and self.prev_x > 1.0 and self.y <= 3.5:
            self.vx, self.x = -self.vx, 1.0 + EPS
        if self.x >= -1.0 and self.prev_x < -1.0 and self.y <= 3.5:
            self.vx, self.x = -self.vx, -(1.0 + EPS)
        return 0


class SlimeVolleyball:
    """The parallel Gym interface that the page steps. Serves continue over episodes; the seed of a
    reset changes nothing."""

    def __init__(self, seed=SEED):
        self.rng = Generator(seed)
        self.serve()  # one that nobody plays
        self.reset()

    def serve(self):
        vx = self.rng.uniform(-20, 20)
        self.ball, self.hold = Ball(vx, self.rng.uniform(10, 25)), HOLD

    def reset(self, seed=None, options=None):
        self.t, self.over = 0, False
        self.left = Slime("agent_left", -1, (35, 93, 188), "#FF0000")
        self.right = Slime("agent_right", 1, (255, 236, 0), "#0000FF")
        self.serve()
        self.observe()
        return self.obs, {s.name: {} for s in self.sides()}

    def sides(self):
        return self.left, self.right

    def step(self, actions):
        self.t += 1
        for s in self.sides():
            forward, backward, jump = BUTTONS[int(actions[s.name])]
            if s is self.left:  # left and right on the screen mean the same to both players
                forward, backward = backward, forward
            s.want_x, s.want_y = 20 * (backward - forward), 17.5 if jump else 0
        if self.hold == 0:
            self.left.emotion = self.right.emotion = "happy"
        for s in self.sides():
            s.move()
        if self.hold == 0:
            self.ball.fly()
        else:
            self.hold -= 1
        for s in self.sides():
            self.ball.meet(s.x, s.y, s.vx, s.vy, 4.0)
        self.ball.meet(0, 3.5, 0, 0, 1.0)
        point = -self.ball.edges()
        if point == 0:
            self.observe()
        else:
            loser, winner = (self.right, self.left) if point < 0 else (self.left, self.right)
            loser.lives -= 1
            loser.emotion, winner.emotion = "sad", "happy"
        self.over = self.left.lives <= 0 or self.right.lives <= 0
        ends = lambda flag: {"agent_left": flag, "agent_right": flag, "__all__": flag}
        rewards = {"agent_left": float(-point), "agent_right": float(point)}
        return self.obs, rewards, ends(self.over), ends(self.t >= MAX_STEPS), {s.name: {} for s in self.sides()}

    def observe(self):
        b = self.ball

        def seen(s, o):
            values = (s.x * s.dir, s.y, s.vx * s.dir, s.vy, b.x * s.dir, b.y, b.vx * s.dir, b.vy,
                      o.x * o.dir, o.y, o.vx * o.dir, o.vy)
            return np.array([(v + 0) / 10 for v in values], dtype=np.float32)  # + 0: no negative zero

        self.obs = {"agent_left": seen(self.left, self.right), "agent_right": seen(self.right, self.left)}

    def get_state(self):
        b = self.ball
        state = {"ball_x": b.x, "ball_y": b.y, "ball_prev_x": b.prev_x, "ball_prev_y": b.prev_y,
                 "ball_vx": b.vx, "ball_vy": b.vy, "ball_r": 0.5, "ball_c": [217, 79, 0]}
        for s in self.sides():
            for key, value in (("dir", s.dir), ("x", s.x), ("y", s.y), ("r", 1.5), ("c", list(s.c)), ("vx", s.vx),
                               ("vy", s.vy), ("desired_vx", s.want_x), ("desired_vy", s.want_y),
                               ("powerups_available", s.stock), ("powered_up_timer", s.timer), ("emotion", s.emotion)):
                state[s.name + "_" + key] = value
        return state

    def set_state(self, state):
        b = self.ball
        b.x, b.y, b.prev_x, b.prev_y = (state["ball_" + key] for key in ("x", "y", "prev_x", "prev_y"))
        b.vx, b.vy = state["ball_vx"], state["ball_vy"]
        for s in self.sides():
            get = lambda key: state[s.name + "_" + key]
            s.x, s.y, s.vx, s.vy = get("x"), get("y"), get("vx"), get("vy")
            s.want_x, s.want_y = get("desired_vx"), get("desired_vy")
            s.stock, s.timer, s.emotion = get("powerups_available"), get("powered_up_timer"), get("emotion")

    def render(self):
        def at(x, y):
            return [x / 48 + 0.5, 1 - y / 48]

        def circle(uuid, x, y, radius, color, depth=-1, permanent=False):
            px, py = at(x, y)
            return {"uuid": uuid, "color": color, "x": px, "y": py, "radius": radius, "alpha": 1,
                    "object_type": "circle", "depth": depth, "permanent": permanent}

        def line(uuid, color, width, points, fill_below=False):
            return {"uuid": uuid, "color": color, "width": width, "points": points, "object_type": "line",
                    "fill_below": fill_below, "fill_above": False, "depth": -1, "permanent": True}

        items = []
        if self.t == 0:
            items += [line("fence", "#000000", 12.5, [at(0, 3.5), at(0, 1.5)]),
                      circle("fence_stub", 0, 3.5, 6.25, "#000000", permanent=True),
                      line("ground", "#747275", 1.0, [[0, 0.96875], [1, 0.96875]], True)]
        for s, degrees in ((self.left, 60), (self.right, 120)):
            arc = [math.pi - math.pi * i / 30 for i in range(31)]
            items.append({"uuid": s.name + "_body", "color": s.shade, "alpha": 1, "object_type": "polygon", "depth": -1,
                          "permanent": False, "points": [at(s.x + 1.5 * math.cos(a), s.y + 1.5 * math.sin(a)) for a in arc]})
            a = math.radians(degrees)
            ex, ey = s.x + 0.9 * math.cos(a), s.y + 0.9 * math.sin(a)
            dx, dy = self.ball.x - ex, self.ball.y - ey
            d = math.sqrt(dx * dx + dy * dy) or 1
            items.append(circle(s.name + "_eye_white", ex, ey, 6.0, "#FFFFFF", 1))
            items.append(circle(s.name + "_eye_pupil", ex + 0.225 * dx / d, ey + 0.225 * dy / d, 3.0, "#000000", 2))
        items.append(circle("ball", self.ball.x, self.ball.y, 6.25, "#AAFF00" if self.over else "#000000"))
        return items


env = SlimeVolleyball()
