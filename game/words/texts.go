package words

// Language has every text that people read, and how numbers are written in it. An exported field is a text
// without values; methods fill in those with values.
type Language struct {
	Name    string          // of the language, in itself
	decimal string          // between a number and its decimals
	plural  func(n int) int // which form of {n|one player|# players} belongs to a number
	and     template

	// A connection, and what becomes of it.
	Connecting       string
	ConnectingAgain  string
	ConnectionLost   string
	RelayRestarts    string
	RelayAnswers     string
	LeftWhileDialing string
	RelayLost        string
	relayLostBy      template
	relayClosed      template
	relayRefused     template
	Reconnecting     string
	ReconnectingHost string
	SeatKept         string
	WatchingResumes  string

	// A link or a computer that is too slow.
	inputsLate     template
	OneInputLate   string
	InputsLateNow  string
	linkStrict     template
	linkBeyond     template
	linkMost       template
	linkUneven     template
	busy           template
	InputsTakeLong string

	// The phases of a match.
	MatchPaused     string
	secondsLeft     template
	Resuming        string
	GetReady        string
	Go              string
	GoesOnWithout   string
	BeginsWithout   string
	ComeBack        string
	RecordUploaded  string
	MatchOver       string
	Rewound         string
	away            template
	stoodStill      template
	YouWatch        string
	youPlay         template
	PausedForOthers string

	// How a match ended.
	MatchEnded     string
	PlayerLeft     string
	YouLeft        string
	PlayerGone     string
	CouldNotReach  string
	Disconnected   string
	ShuttingDown   string
	VersionsDiffer string
	HostQuit       string
	GoneWithHost   string
	JoinedAgain    string
	RelayBusy      string
	RoomClosed     string
	GamesDiffer    string
	CouldNotWatch  string
	CouldNotJoin   string
	JoinAgain      string
	PageOutdated   string
	PageLeft       string

	// Who wins.
	together    template
	alone       template
	Draw        string
	YouWon      string
	YourSideWon string
	won         template
	teamWon     template
	NextEpisode string
	pointTo     template
	episodeTo   template
	episodeSum  template
	NoPoint     string
	theTeam     template

	// Waiting for people.
	GettingReady   string
	waitingFor     template
	WaitingReady   string
	WatchingBefore string
	tellCode       template
	TellJoin       string
	LivesHere      string
	othersHere     template
	BeginComeBack  string
	waitingBack    template
	beginsYou      template
	beginsThem     template
	startsWithout  template
	minutes        template
	seconds        template

	// Playing again.
	WatchNext     string
	someoneLeft   template
	SomeoneLeft   string
	AllWantAgain  string
	youAndThey    template
	YouWantAgain  string
	theyWant      template
	roomWaits     template
	fewWatch      template
	watch         template
	moreWatchers  template
	HostNow       string
	botPlays      template
	isBack        template
	joins         template
	takesSeat     template
	goneBotComes  template
	goneOthers    template
	botName       template
	otherBot      template
	NoSecondSeat  string
	player        template
	FreeSeat      string
	RemarkFree    string
	RemarkAway    string
	RemarkYouHost string
	RemarkYou     string
	RemarkHost    string
	openLink      template
	chooseJoin    template
	SeatsNext     string
	roomOpen      template
	NameMissing   string
	RelayMissing  string
	RoomMissing   string
	GameMissing   string
	BotMissing    string
	DiskNotTaking string

	// The input delay, and the options of a room.
	Automatic      string
	automatic      template
	LeastDelay     string
	framesMS       template
	exactly        template
	DelayLeast     string
	delayMost      template
	DelayLater     string
	DelayHost      string
	delayHost      template
	delayNow       template
	oneMatch       template
	episodes       template
	episodesOf     template
	option         template
	minPlayers     template
	ruleDelay      template
	ruleWait       template
	RuleHold       string
	RuleDefault    string
	RulePredicted  string
	rulePause      template
	RuleEnd        string
	RuleSubstitute string
	RuleBot        string
	RuleWitness    string
	RuleNobody     string
	ruleAway       template
	RuleCloses     string
	ArrowsOrWASD   string
	Space          string
	roomsDelay     template
	HideNumbers    string
	ChangeDelay    string
	EscLeaves      string
	EscPauses      string // alone
	Pause          string
	Paused         string
	GoesOnWhere    string
	GoOn           string
	AloneAtOnce    string
	AloneNoDelay   string
	TouchLeaves    string
	TheInvitation  string
	togetherScore  template
	timeLeft       template
	episodeOf      template
	lateInputs     template
	desyncs        template
	frames         template
	frameNumber    template
	equal          template
	differ         template
	updates        template
	TransportRow   string
	HashesRow      string
	DrawnRow       string
	Datagrams      string

	// The menu.
	Tagline       string
	TheMenu       string
	YourName      string
	NameHint      string
	PlayBot       string
	PlayBotLead   string
	HostGame      string
	HostTitle     string
	HostLead      string
	JoinGame      string
	JoinLead      string
	JoinLeadHome  string
	JoinLeadNear  string
	Quit          string
	Game          string
	Opponent      string
	NoOpponent    string
	Relay         string
	RelayOwnHint  string
	RelayHint     string
	RoomCode      string
	RoomHint      string
	OnThisNetwork string
	NoneFound     string
	OtherAddress  string
	Play          string
	OpenRoom      string
	Join          string
	WatchMatch    string
	Back          string
	BackToMenu    string
	Close         string
	Leave         string
	Stay          string
	PlayAgain     string
	SavePicture   string
	SaveData      string
	Reload        string
	AskLeave      string
	LeaveAlone    string
	AskUnwatch    string
	MatchGoesOn   string
	LeaveEnds     string
	AskLeaveRoom  string
	SeatMayGo     string

	// Keys, and what a game is for how many.
	AllKeys         string
	Keys            string
	WindowKeys      string
	WindowKeysAlone string
	SoundOn         string
	SoundOff        string
	padKeys         template
	shares          template
	players         template
	playersTogether template
	playersAgainst  template
	playersInTeams  template
	against         template

	// Why a page reaches no relay.
	relayDown  template
	relayUnled template

	// A report of states that differ.
	desync        template
	NoMajority    string
	differsOne    template
	differsMore   template
	judgedBy      template
	whatDiffers   template
	StateThatWins string
	StateOfOther  string

	// How good play was: what speaks against it, the parts of a sentence.
	NoFrame          string
	notEnded         template
	broke            template
	putBack          template
	statesDiffered   template
	actionsMissing   template
	NeverCompared    string
	repaired         template
	notCounted       template
	notCountedRun    template
	NoneDue          string
	othersNotCounted template
	delayKnown       template
	halfTook         template
	hundredthTook    template
	othersTook       template
	exceeded         template
	stalls           template
	longestStall     template
	slowSteps        template
	uneven           template
	programStill     template
	busyTimes        template
	inputsCounted    template
	stoodStillFor    template
	compared         template
	inputsReplaced   template
	statesSent       template
	statesRefused    template
	share            template

	// What to set to have it better.
	UseCable        string
	UseCableStop    string
	UseCableOrWait  string
	UseNearerRelay  string
	SendDesync      string
	PlaySequenced   string
	SeeOthers       string
	CloseOthers     string
	KeepAwake       string
	setDelay        template
	strictTooShort  template
	letBeLonger     template
	setShorter      template
	setLonger       template
	NothingToChange string

	// A report.
	Spectator      string
	seatOf         template
	GoodPlay       string
	PlayWithFlaws  string
	BadPlay        string
	ReportTitle    string
	reportOf       template
	NobodyPlayed   string
	NoFramePlayed  string
	withOriginal   template
	defect         template
	playedFor      template
	notTheSame     template
	neverCompared  template
	noEnd          template
	sameAsOthers   template
	allSame        template
	matchEnded     template
	NotMeasured    string
	desyncsSeen    template
	conditionHolds template
	notMeasured    template

	// The page of a report.
	VerdictLabel  string
	recommended   template
	measuredAt    template
	WayTitle      string
	WayHelp       string
	FiguresTitle  string
	FiguresHelp   string
	ChartsTitle   string
	BytesTitle    string
	SampleWait    string
	SampleHelp    string
	Uplink        string
	UplinkHelp    string
	OthersWait    string
	OthersHelp    string
	Downlink      string
	DownlinkHelp  string
	PlayoutWait   string
	PlayoutHelp   string
	OwnTimer      string
	OwnTimerHelp  string
	WholeWay      string
	WholeWayHelp  string
	inputsOf      template
	FramesRow     string
	FramesHelp    string
	TransportHelp string
	BytesRow      string
	BytesUnit     string
	RewardsRow    string
	RewardsHelp   string
	FinalRow      string
	FinalUnit     string
	FinalHelp     string
}
