using Tikr.Core.Ticks;

namespace Tikr.Gateway.Queries;

internal static class ColumnCopy
{
    /// <summary>Appends ticks of other columns, since a store reuses the columns it reads into. Returns where they begin.</summary>
    public static int Append(this TickColumns target, TickColumns source, int start, int count)
    {
        var at = target.Count;
        target.EnsureCapacity(at + count);
        Array.Copy(source.Times, start, target.Times, at, count);
        Array.Copy(source.Sequences, start, target.Sequences, at, count);
        for (var i = 0; i < target.Fields.Length; i++) Array.Copy(source.Fields[i], start, target.Fields[i], at, count);
        if (target.Present is { } present && source.Present is { } given) Array.Copy(given, start, present, at, count);
        target.Count = at + count;
        return at;
    }
}
