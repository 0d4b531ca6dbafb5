package workspace

import (
	"strconv"
	"strings"

	"golang.org/x/mod/semver"
)

// matchesReq reports whether a version meets a requirement as cargo writes
// them: "1.2", "^1.2", "~1.2", "=1.2.3", ">=1, <2", "1.*", "*". Pre-releases
// count by their order alone, which is enough to tell apart the versions that
// a lock file already chose.
func matchesReq(req, version string) bool {
	for _, part := range strings.Split(req, ",") {
		if !matchesOne(strings.TrimSpace(part), "v"+version) {
			return false
		}
	}
	return true
}

func matchesOne(req, version string) bool {
	digits := strings.TrimLeft(req, "^~=<> ")
	op := strings.TrimSpace(req[:len(req)-len(digits)])
	digits, _, _ = strings.Cut(digits, "+")
	core, pre, hasPre := strings.Cut(digits, "-")
	var nums []int
	for _, text := range strings.Split(core, ".") {
		n, err := strconv.Atoi(text)
		if err != nil {
			break // a wildcard, or nothing
		}
		nums = append(nums, n)
	}
	wildcard := strings.ContainsAny(core, "*xX")
	if len(nums) == 0 {
		return true
	}
	low := full(nums)
	if hasPre {
		low += "-" + pre
	}
	above := func(bump int) bool { // at or above the version with one component raised
		next := append([]int(nil), nums[:bump+1]...)
		next[bump]++
		return semver.Compare(version, full(next)+"-0") >= 0
	}
	last := len(nums) - 1
	atLeast := semver.Compare(version, low) >= 0
	switch {
	case op == ">":
		return atLeast && (last == 2 && semver.Compare(version, low) != 0 || last < 2 && above(last))
	case op == ">=":
		return atLeast
	case op == "<":
		return !atLeast
	case op == "<=":
		return last == 2 && semver.Compare(version, low) <= 0 || last < 2 && !above(last)
	case op == "=" || op == "" && wildcard:
		return atLeast && !above(last) && (last < 2 || semver.Compare(version, low) == 0)
	case op == "~":
		return atLeast && !above(min(1, last))
	}
	bump := 0
	for bump < last && nums[bump] == 0 {
		bump++
	}
	return atLeast && !above(bump)
}

func full(nums []int) string {
	parts := []string{"0", "0", "0"}
	for i, n := range nums {
		if i < 3 {
			parts[i] = strconv.Itoa(n)
		}
	}
	return "v" + strings.Join(parts, ".")
}
