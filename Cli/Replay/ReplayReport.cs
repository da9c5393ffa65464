using System.Globalization;
using Grpc.Core;
using Tikr.Contracts;

namespace Tikr.Cli.Replay;

/// <summary>What became of the lines of a replay.</summary>
internal sealed class ReplayReport
{
    private const int MostShown = 10;

    private readonly List<string> _badLines = [];
    private readonly SortedDictionary<string, ulong> _rejected = new(StringComparer.Ordinal);
    private readonly List<RejectedTick> _samples = [];
    private readonly List<string> _failures = [];
    private long _bad;
    private long _sent;
    private ulong _acknowledged;
    private ulong _unknownFields, _zeroFilled;

    /// <summary>Whether everything that the file holds is durable now.</summary>
    public bool IsPerfect => _bad == 0 && _failures.Count == 0 && _rejected.Count == 0;

    public void BadLine(string problem)
    {
        if (_bad++ < MostShown) _badLines.Add(problem);
    }

    public void Ended(long sent, IngestResponse response)
    {
        _sent += sent;
        _acknowledged += response.TicksReceived;
        _unknownFields += response.UnknownFields;
        _zeroFilled += response.ZeroFilledFields;
        foreach (var rejection in response.Rejections)
            _rejected[rejection.Reason] = _rejected.GetValueOrDefault(rejection.Reason) + rejection.Ticks;
        _samples.AddRange(response.Samples.Take(MostShown - _samples.Count));
    }

    public void Failed(long sent, RpcException error)
    {
        _sent += sent;
        _failures.Add(
            $"{error.StatusCode}: {error.Status.Detail} (a stream of {sent} ticks was not acknowledged; those read before may be stored)");
    }

    public void Write(Terminal terminal, TimeSpan elapsed)
    {
        var rejected = _rejected.Values.Aggregate(0UL, (sum, ticks) => sum + ticks);
        terminal.Out.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"sent {_sent}, acknowledged {_acknowledged}, rejected {rejected}, unreadable lines {_bad}, "
                + $"{elapsed.TotalSeconds:0.00} s, {_sent / Math.Max(elapsed.TotalSeconds, 0.001):0} ticks/s"));
        foreach (var (reason, ticks) in _rejected) terminal.Out.WriteLine($"  rejected {reason}: {ticks}");
        foreach (var sample in _samples) terminal.Error.WriteLine($"  {sample.Reason}: {sample.Message} (timestamp {sample.TimestampNs})");
        if (_unknownFields > 0) terminal.Out.WriteLine($"  fields that no metric reads: {_unknownFields}");
        if (_zeroFilled > 0) terminal.Out.WriteLine($"  missing fields stored as 0: {_zeroFilled}");
        foreach (var line in _badLines) terminal.Error.WriteLine(line);
        if (_bad > _badLines.Count) terminal.Error.WriteLine($"... and {_bad - _badLines.Count} more unreadable lines");
        foreach (var failure in _failures) terminal.Error.WriteLine($"tikr: {failure}");
    }
}
