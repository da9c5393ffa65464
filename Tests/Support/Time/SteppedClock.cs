using System.Globalization;

namespace Tikr.Tests.Support.Time;

/// <summary>The wall clock of a program, which libfaketime steps while the program runs; its monotonic clock goes on.</summary>
public sealed class SteppedClock : IDisposable
{
    private const string Library = "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1";
    private readonly string _file = Path.Combine(Repository.NewFolder("clock"), "offset");

    public SteppedClock() => Set(TimeSpan.Zero);

    /// <summary>Whether this machine has the library.</summary>
    public static bool IsThere => File.Exists(Library);

    /// <summary>What the program is started with.</summary>
    public IReadOnlyDictionary<string, string> Environment => !IsThere ? new Dictionary<string, string>() : new()
    {
        ["LD_PRELOAD"] = Library,
        ["FAKETIME_TIMESTAMP_FILE"] = _file,
        ["FAKETIME_CACHE_DURATION"] = "1",
        ["FAKETIME_DONT_FAKE_MONOTONIC"] = "1",
        ["FAKETIME_DONT_RESET"] = "1",
    };

    /// <summary>Steps the clock to so far ahead of the machine's; the program sees it within a second.</summary>
    public void Set(TimeSpan offset)
    {
        // Renamed into place: it is never read half-written.
        File.WriteAllText(_file + ".new", offset.TotalSeconds.ToString("+0.000;-0.000", CultureInfo.InvariantCulture) + "\n");
        File.Move(_file + ".new", _file, overwrite: true);
    }

    /// <inheritdoc/>
    public void Dispose() => Directory.Delete(Path.GetDirectoryName(_file)!, recursive: true);
}
