using Microsoft.Extensions.Logging;
using Tikr.Core.Time;

namespace Tikr.Storage.Reaping;

/// <summary>When the reaper last ran.</summary>
/// <param name="WallNs">By the wall clock, Unix nanoseconds.</param>
/// <param name="MonotonicNs">By the monotonic clock; comparable within one boot of the machine.</param>
/// <param name="Boot">Identity of that boot; empty where the system has none.</param>
public sealed record ReaperClock(long WallNs, long MonotonicNs, string Boot);

/// <summary>How an operator confirms that the clock is right after a step.</summary>
/// <param name="Remedy">What to do, for the message.</param>
/// <param name="Take">Whether it has been done; it then counts once.</param>
public sealed record ClockConfirmation(string Remedy, Func<bool> Take);

/// <summary>
/// Keeps a wrong clock from expiring everything: the wall clock may not have advanced further than the monotonic clock since the last
/// cycle by more than <see cref="Tolerance"/>. After a reboot nothing says how long the machine was off: up to <see cref="Absence"/> is
/// believed. Beyond that the operator confirms.
/// </summary>
/// <param name="time">Both clocks.</param>
/// <param name="last">When the reaper last ran, or the store began; null in a store that knows neither.</param>
/// <param name="save">Keeps the time of a cycle that may expire data.</param>
/// <param name="confirmation">How a step is confirmed.</param>
/// <param name="logger">Hears of steps.</param>
public sealed class ClockStepGuard(
    TimeProvider time, ReaperClock? last, Action<ReaperClock> save, ClockConfirmation confirmation, ILogger logger)
{
    /// <summary>How far the two clocks may differ in one cycle.</summary>
    public static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(5);
    /// <summary>For how long a machine may have been off without a confirmation.</summary>
    public static readonly TimeSpan Absence = TimeSpan.FromDays(7);

    private static readonly string ThisBoot = ReadBoot();
    private ReaperClock? _last = last;

    /// <summary>Both clocks as they are now: what a new store keeps from its first moment on.</summary>
    public static ReaperClock Read(TimeProvider time) => Read(time, time.GetUnixNanoseconds());

    /// <summary>Whether data may expire by this wall time.</summary>
    public bool Allows(long nowNs)
    {
        var cycle = Read(time, nowNs);
        if (_last is not null && nowNs < _last.WallNs)
        {
            // The reference stays: what it has let expire is gone anyway, and catching up with it again is no step.
            if (_last.WallNs - nowNs > Tolerance.ToNanoseconds())
                Log.ClockWentBack(logger, UnixTime.ToTime(nowNs), UnixTime.ToTime(_last.WallNs));
            return true;
        }

        if (_last is not null && Jump(_last, cycle) is var jump && jump > TimeSpan.Zero && !IsConfirmed(nowNs))
        {
            Log.ClockStepped(logger, UnixTime.ToTime(nowNs), jump, UnixTime.ToTime(_last.WallNs), confirmation.Remedy);
            return false;
        }

        save(cycle);
        _last = cycle;
        return true;
    }

    /// <summary>How far the wall clock is ahead of what is believed; zero or less if it is not.</summary>
    private static TimeSpan Jump(ReaperClock last, ReaperClock now)
    {
        var advanced = TimeSpan.FromTicks((now.WallNs - last.WallNs) / TimeSpan.NanosecondsPerTick);
        var sameBoot = last.Boot.Length > 0 && last.Boot == now.Boot && now.MonotonicNs >= last.MonotonicNs;
        var passed = TimeSpan.FromTicks((now.MonotonicNs - last.MonotonicNs) / TimeSpan.NanosecondsPerTick);
        var believed = sameBoot ? passed + Tolerance : Absence;
        return advanced > believed ? advanced - (believed - (sameBoot ? Tolerance : TimeSpan.Zero)) : TimeSpan.Zero;
    }

    private bool IsConfirmed(long nowNs)
    {
        if (!confirmation.Take()) return false;
        Log.ClockStepConfirmed(logger, UnixTime.ToTime(nowNs));
        return true;
    }

    private static ReaperClock Read(TimeProvider time, long wallNs) =>
        new(wallNs, Instant.MonotonicOf(time), ThisBoot);

    private static string ReadBoot()
    {
        const string path = "/proc/sys/kernel/random/boot_id";
        return File.Exists(path) ? File.ReadAllText(path).Trim() : "";
    }
}
