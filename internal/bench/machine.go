package bench

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
)

// Machine is what figures depend on, without a name that tells whose it is.
type Machine struct {
	OS     string `json:"os"`
	Arch   string `json:"arch"`
	CPU    string `json:"cpu,omitempty"`
	Cores  int    `json:"cores"`
	Memory int64  `json:"memory,omitempty"` // bytes
}

func (m Machine) String() string {
	text := fmt.Sprintf("%s/%s, %d cores", m.OS, m.Arch, m.Cores)
	if m.CPU != "" {
		text += ", " + m.CPU
	}
	if m.Memory > 0 {
		text += ", " + bytesText(float64(m.Memory))
	}
	return text
}

// ThisMachine describes the machine; what the system does not say is empty.
func ThisMachine() Machine {
	m := Machine{OS: runtime.GOOS, Arch: runtime.GOARCH, Cores: runtime.NumCPU()}
	switch m.OS {
	case "linux":
		m.CPU = field("/proc/cpuinfo", "model name")
		kib, _, _ := strings.Cut(field("/proc/meminfo", "MemTotal"), " ")
		n, _ := strconv.ParseInt(kib, 10, 64) // not a number: not known
		m.Memory = n * 1024
	case "windows":
		m.CPU = os.Getenv("PROCESSOR_IDENTIFIER")
	default:
		m.CPU, m.Memory = systemMachine()
	}
	return m
}

// field returns the value of the first "name : value" line of a file, "" where
// there is none.
func field(file, name string) string {
	text, err := os.ReadFile(file)
	if err != nil {
		return ""
	}
	for line := range strings.Lines(string(text)) {
		if key, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(key) == name {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// environment warns of what makes figures unsteady, where the system tells.
func environment() []string {
	var warnings []string
	if text, err := os.ReadFile("/proc/loadavg"); err == nil {
		if load, err := strconv.ParseFloat(strings.Fields(string(text))[0], 64); err == nil && load > 0.5 {
			warnings = append(warnings, fmt.Sprintf("the machine was busy at the start: load %.1f on %d cores", load, runtime.NumCPU()))
		}
	}
	supplies, _ := filepath.Glob("/sys/class/power_supply/*/status") // the pattern is valid: no error
	for _, file := range supplies {
		if text, err := os.ReadFile(file); err == nil && strings.TrimSpace(string(text)) == "Discharging" {
			warnings = append(warnings, "the machine runs on battery: its speed may change")
			break
		}
	}
	return warnings
}

// ownPeak returns this process's peak resident set, 0 where the system does not
// say: where Linux takes it for a child's, see Measure.
func ownPeak() int64 {
	kib, _, _ := strings.Cut(field("/proc/self/status", "VmHWM"), " ")
	n, _ := strconv.ParseInt(kib, 10, 64)
	return n * 1024
}

// lowerPeak gives back the memory that this process no longer needs and makes
// Linux forget its peak; elsewhere it does little, and nothing is lost.
func lowerPeak() {
	debug.FreeOSMemory()
	_ = os.WriteFile("/proc/self/clear_refs", []byte("5"), 0) // see proc(5)
}

// load is the machine's CPU time since it started, in ticks; zero where the
// system does not say.
type load struct{ busy, all float64 }

// machineLoad reads the first line of /proc/stat, see proc(5): user, nice,
// system, idle, iowait, irq, softirq, steal; what guests had is in user.
func machineLoad() load {
	text, err := os.ReadFile("/proc/stat")
	if err != nil {
		return load{}
	}
	line, _, _ := strings.Cut(string(text), "\n")
	var l load
	for i, word := range strings.Fields(line) {
		n, err := strconv.ParseFloat(word, 64)
		if err != nil || i > 8 {
			continue // the name, and the guests
		}
		l.all += n
		if i != 4 && i != 5 {
			l.busy += n
		}
	}
	return l
}

func (l load) since(before load) load { return load{l.busy - before.busy, l.all - before.all} }

// others returns the part of the CPU time that was not the run's own, given in
// seconds. Ticks are hundredths of a second, so very short runs tell nothing.
func (l load) others(own float64) float64 {
	const ticks, fewest = 100, 20
	if l.all < fewest {
		return 0
	}
	return max(0, l.busy-own*ticks) / l.all
}
