// Package cable joins network namespaces by a network in user space whose directions are as bad as wanted:
// delay, jitter, loss, bursts, rate and buffer for each host and direction, as netsim's Spec says it. So real
// programs meet real kernels' TCP on a bad line, where the kernel has no netem.
//
// Each host has a TAP device; frames from one take its way up and then the other's way down. (A veth would
// hand over frames with unfinished checksums and many segments in one.) It is for tests on Linux, and needs
// root and /dev/net/tun.
package cable
