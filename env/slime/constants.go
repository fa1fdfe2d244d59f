package slime

// The world, in units and seconds. Every constant is a float64 of its own, because the reference
// rounds each intermediate result; the tests hold their bit patterns.
const (
	worldWidth   float64 = 48
	groundHeight float64 = 1.5

	dt          float64 = 1.0 / 30
	gravity     float64 = -22.05 // -9.8 · 1.5 · 1.5
	gravityStep float64 = gravity * dt

	nudge    float64 = 0.1        // how far a bounce pushes the ball at a time
	nudgeEps float64 = nudge * dt // how far off a surface the ball is put

	runSpeed  float64 = 20
	jumpSpeed float64 = 17.5
	ballSpeed float64 = 22.5 // the ball is never faster when it flies, times its speed factor

	ballRadius  float64 = 0.5
	slimeRadius float64 = 1.5
	stubRadius  float64 = 0.5

	netHalfWidth float64 = 0.5
	netHeight    float64 = 3.5 // also the height of the stub, the circle on top of the net

	serveHeight float64 = 12
	slimeStart  float64 = 12 // distance of a slime from the net at the start

	boostFactor float64 = 1.5
)

// Limits derived from the above, in the reference's order of evaluation.
const (
	wallX      float64 = worldWidth/2 - ballRadius
	wallXPut   float64 = wallX - nudgeEps
	floorY     float64 = groundHeight + ballRadius
	floorYPut  float64 = floorY + nudgeEps
	ceilingY   float64 = worldWidth - ballRadius // the world is as high as it is wide
	ceilYPut   float64 = ceilingY - nudgeEps
	netSideX   float64 = netHalfWidth + ballRadius
	netSidePut float64 = netSideX + nudgeEps

	jumpHeight float64 = groundHeight + nudgeEps // a slime at most this high may jump

	slimeInner float64 = netHalfWidth + slimeRadius // a slime's distance from the net
	slimeOuter float64 = worldWidth/2 - slimeRadius

	slimeTouch float64 = (ballRadius + slimeRadius) * (ballRadius + slimeRadius)
	stubTouch  float64 = (ballRadius + stubRadius) * (ballRadius + stubRadius)
)

const (
	holdFrames  = 30 // the ball hangs still for so long after a serve
	boostFrames = 90 // how long a boost lasts
	boostStock  = 1  // boosts per episode and side

	survivalReward float64 = 0.01 // per step and side, with the option survival_reward
)

// A serve's velocity is uniform in these ranges.
const (
	serveMinX, serveMaxX float64 = -20, 20
	serveMinY, serveMaxY float64 = 10, 25
	drawsPerServe                = 2
)

// Directions: the sign of a side's own half of the court.
const (
	leftDir  float64 = -1
	rightDir float64 = 1
)
