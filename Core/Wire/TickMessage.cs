using Tikr.Core.Dimensions;
using Tikr.Core.Ingest;
using Tikr.Core.Ticks;

namespace Tikr.Core.Wire;

/// <summary>
/// One decoded IngestRequest: accepted ticks as columns, their keys, and what was rejected. Pooled: after <see cref="Release"/> it must not
/// be touched. Received = accepted (<see cref="TickColumns.Count"/>) + <see cref="RejectionTally.Total"/>, unless <see cref="Malformed"/>.
/// </summary>
public sealed class TickMessage
{
    private const int MaxKeptUnresolved = 4096;

    private readonly TickMessagePool? _pool;
    private readonly HashSet<InternedKey> _listed = [];

    internal TickMessage(TickMessagePool? pool, DecoderSeries? series)
    {
        _pool = pool;
        Series = series;
        Columns = series?.Model.NewColumns() ?? new TickColumns(0);
        FieldOrder = new byte[64];
        for (var i = 0; i < FieldOrder.Length; i++) FieldOrder[i] = (byte)(i < Columns.Fields.Length ? i : 0);
    }

    /// <summary>The series; null when no spec declares it, or the bytes did not tell.</summary>
    public DecoderSeries? Series { get; }

    /// <summary>Ticks on the wire.</summary>
    public int Received { get; internal set; }

    /// <summary>Key of each accepted tick; <see cref="TickColumns.Count"/> of them count.</summary>
    public InternedKey[] Keys { get; private set; } = [];

    /// <summary>The accepted ticks.</summary>
    public TickColumns Columns { get; }

    /// <summary>The rejected ticks.</summary>
    public RejectionTally Rejections { get; } = new();

    /// <summary>Map entries of accepted ticks whose field no metric reads, where the spec ignores such fields.</summary>
    public long UnknownFields { get; internal set; }

    /// <summary>Fields that accepted ticks lack and that were taken as 0, where the spec says so; in all.</summary>
    public long ZeroFilled { get; internal set; }

    /// <summary>The same by column; empty until there is one.</summary>
    public long[] ZeroFilledByColumn { get; private set; } = [];

    /// <summary>Greatest event time of the accepted ticks; <see cref="long.MinValue"/> if there are none.</summary>
    public long MaxTimeNs { get; internal set; } = long.MinValue;

    /// <summary>Least event time of the accepted ticks; <see cref="long.MaxValue"/> if there are none.</summary>
    public long MinTimeNs { get; internal set; } = long.MaxValue;

    /// <summary>Keys of accepted ticks that the key table has not answered for, each once, in order of first use.</summary>
    public List<InternedKey> Unresolved { get; } = [];

    /// <summary>
    /// Event time before which bars had closed when the message was received, in a series that routes late ticks; 0 in any other. Unix
    /// nanoseconds.
    /// </summary>
    internal long RouteBeforeNs { get; set; }

    /// <summary>Late ticks to route, once <see cref="TakeLate"/> has taken them out of the columns.</summary>
    public List<LateTick> Late { get; } = [];

    /// <summary>Accepted ticks: those of the columns, and those to route.</summary>
    public int Ticks => Columns.Count + Late.Count;

    /// <summary>Size of the message on the wire.</summary>
    public int PayloadBytes { get; internal set; }

    /// <summary>Why the bytes are not a message at all; nothing of it was taken then. Null if they are.</summary>
    public string? Malformed { get; internal set; }

    /// <summary>Why the message was not decoded although it is one: its ticks would take too much memory. Null if it was.</summary>
    public string? TooLarge { get; internal set; }

    /// <summary>Generation of the pool in which it was given out.</summary>
    internal int Generation { get; set; }

    /// <summary>Whether it is back in the pool.</summary>
    internal bool IsReleased { get; set; }

    /// <summary>Ticks there is room for.</summary>
    internal int Capacity => Keys.Length;

    /// <summary>Which field came at which place in the last tick: the first guess for the next.</summary>
    internal byte[] FieldOrder { get; }

    /// <summary>Room for normal forms of dimension sets.</summary>
    internal byte[] Scratch { get; private set; } = [];

    /// <summary>
    /// Takes out the ticks of keys that the key table rejected, and counts them as rejected. To be called once
    /// <see cref="Unresolved"/> keys are resolved; the list then keeps those not rejected.
    /// </summary>
    public void DropRejectedKeys()
    {
        if (Unresolved.RemoveAll(static key => key.IsResolved && key.Rejection is not null) == 0) return;
        var kept = 0;
        MaxTimeNs = long.MinValue;
        MinTimeNs = long.MaxValue;
        for (var i = 0; i < Columns.Count; i++)
        {
            if (Keys[i] is { IsResolved: true, Rejection: { } reason } key)
            {
                Reject(key, reason, Columns.Times[i]);
                continue;
            }

            MaxTimeNs = Math.Max(MaxTimeNs, Columns.Times[i]);
            MinTimeNs = Math.Min(MinTimeNs, Columns.Times[i]);
            if (kept != i) Move(i, kept);
            kept++;
        }

        Array.Clear(Keys, kept, Columns.Count - kept);
        Columns.Count = kept;
    }

    /// <summary>Takes out the ticks before an event time, of which the store has deleted others by now.</summary>
    /// <param name="earliestNs">Ticks from this event time on stay.</param>
    /// <param name="rejections">Counts the others as rejected.</param>
    public void RejectBefore(long earliestNs, RejectionTally rejections)
    {
        ArgumentNullException.ThrowIfNull(rejections);
        if (MinTimeNs >= earliestNs) return;
        var kept = 0;
        MinTimeNs = long.MaxValue;
        for (var i = 0; i < Columns.Count; i++)
        {
            if (Columns.Times[i] < earliestNs)
            {
                rejections.Add(RejectionReasons.TimestampOutOfRange);
                if (rejections.WantsSample) rejections.AddSample(SampleBefore(earliestNs, Columns.Times[i]));
                continue;
            }

            MinTimeNs = Math.Min(MinTimeNs, Columns.Times[i]);
            if (kept != i) Move(i, kept);
            kept++;
        }

        if (kept == 0) MaxTimeNs = long.MinValue;
        Array.Clear(Keys, kept, Columns.Count - kept);
        Columns.Count = kept;
    }

    /// <summary>
    /// Takes the late ticks of a series that routes them out of the columns. To be called once keys are resolved and rejected ones dropped.
    /// </summary>
    public void TakeLate()
    {
        if (MinTimeNs >= RouteBeforeNs || Columns.Count == 0) return;
        var kept = 0;
        MaxTimeNs = long.MinValue;
        MinTimeNs = long.MaxValue;
        for (var i = 0; i < Columns.Count; i++)
        {
            if (Columns.Times[i] < RouteBeforeNs)
            {
                Late.Add(new LateTick(
                    Keys[i], (ulong)(Columns.Times[i] / Series!.UnitNs), Columns.Times[i], Columns.Sequences[i],
                    Array.ConvertAll(Columns.Fields, field => field[i]), Columns.Present?[i] ?? ulong.MaxValue));
                continue;
            }

            MaxTimeNs = Math.Max(MaxTimeNs, Columns.Times[i]);
            MinTimeNs = Math.Min(MinTimeNs, Columns.Times[i]);
            if (kept != i) Move(i, kept);
            kept++;
        }

        Array.Clear(Keys, kept, Columns.Count - kept);
        Columns.Count = kept;
    }

    /// <summary>
    /// Takes over the accepted ticks of a later message of the same stream and series; that one may be released then. Nothing else of it is
    /// taken: what was rejected has been counted before.
    /// </summary>
    public void Append(TickMessage later)
    {
        ArgumentNullException.ThrowIfNull(later);
        var (at, count) = (Columns.Count, later.Columns.Count);
        EnsureCapacity(at + count);
        later.Keys.AsSpan(0, count).CopyTo(Keys.AsSpan(at));
        Columns.Append(later.Columns);
        MaxTimeNs = Math.Max(MaxTimeNs, later.MaxTimeNs);
        MinTimeNs = Math.Min(MinTimeNs, later.MinTimeNs);
    }

    /// <summary>Gives the message back for reuse.</summary>
    public void Release()
    {
        if (IsReleased) throw new InvalidOperationException("The message was released before: its holder must release it once.");
        Clear();
        IsReleased = true;
        _pool?.Return(this);
    }

    /// <summary>Forgets everything taken from the bytes.</summary>
    internal void Clear()
    {
        Array.Clear(Keys, 0, Columns.Count);
        Columns.Count = 0;
        Late.Clear();
        RouteBeforeNs = 0;
        Received = 0;
        Rejections.Clear();
        UnknownFields = 0;
        if (ZeroFilled > 0) Array.Clear(ZeroFilledByColumn);
        ZeroFilled = 0;
        MaxTimeNs = long.MinValue;
        MinTimeNs = long.MaxValue;
        PayloadBytes = 0;
        Malformed = null;
        TooLarge = null;
        if (Unresolved.Count == 0) return;
        Unresolved.Clear();
        _listed.Clear();
        if (Unresolved.Capacity <= MaxKeptUnresolved) return;
        Unresolved.TrimExcess();
        _listed.TrimExcess();
    }

    internal void CountZeroFilled(int column)
    {
        if (ZeroFilledByColumn.Length == 0) ZeroFilledByColumn = new long[Columns.Fields.Length];
        ZeroFilledByColumn[column]++;
        ZeroFilled++;
    }

    internal void ListUnresolved(InternedKey key)
    {
        if (_listed.Add(key)) Unresolved.Add(key);
    }

    internal void EnsureCapacity(int ticks)
    {
        Columns.EnsureCapacity(ticks);
        if (Keys.Length >= Columns.Times.Length) return;
        var keys = Keys;
        Array.Resize(ref keys, Columns.Times.Length);
        Keys = keys;
    }

    internal byte[] EnsureScratch(int bytes) => Scratch.Length >= bytes ? Scratch : Scratch = new byte[Math.Max(bytes, 256)];

    private void Reject(InternedKey key, string reason, long timeNs)
    {
        Rejections.Add(reason);
        if (!Rejections.WantsSample) return;
        var timestamp = (ulong)(timeNs / Series!.UnitNs);
        Rejections.AddSample(new RejectionSample(reason, RejectionTexts.RejectedKey(key), timestamp, Series.Model.Name));
    }

    private RejectionSample SampleBefore(long earliestNs, long timeNs)
    {
        var timestamp = (ulong)(timeNs / Series!.UnitNs);
        var text = RejectionTexts.Deleted(timestamp, earliestNs);
        return new RejectionSample(RejectionReasons.TimestampOutOfRange, text, timestamp, Series.Model.Name);
    }

    private void Move(int from, int to)
    {
        Keys[to] = Keys[from];
        Columns.Times[to] = Columns.Times[from];
        Columns.Sequences[to] = Columns.Sequences[from];
        foreach (var field in Columns.Fields) field[to] = field[from];
        if (Columns.Present is { } present) present[to] = present[from];
    }
}
