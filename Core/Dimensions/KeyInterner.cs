using Tikr.Core.Memory;
using Tikr.Core.Rollup;

namespace Tikr.Core.Dimensions;

/// <summary>
/// The keys of one series that the process knows, found by the raw bytes of a tick's dimensions without a lock. One object per dimension
/// set for as long as the set is known; several raw forms of a set (producers shuffle maps) lead to the same object. Bounded: at most
/// <see cref="Capacity"/> keys and as many further raw forms.
/// </summary>
public sealed unsafe class KeyInterner
{
    /// <summary>The highest capacity that can be asked for: beyond it the table would not fit one array.</summary>
    public const int MaxCapacity = 1 << 22;

    /// <summary>Most raw forms of one key beside the normal form; more are normalised each time.</summary>
    internal const int MaxAliases = 24;

    /// <summary>Raw forms this much longer than the normal form are not remembered.</summary>
    private const int AliasSlack = 64;

    /// <summary>A refusal for want of room is asked again after this many stamps (1 s).</summary>
    internal const int RejectionStamps = 4;

    private const int StampMs = 256;

    private readonly Lock _writing = new();
    private readonly Func<SeriesModel, DimensionSet, InternedKey> _create;
    private readonly TimeProvider _time;
    private readonly long _origin;
    private readonly Dictionary<DimensionSet, Buried> _buried = [];
    private readonly MemoryPart? _memory;
    private RawKeyTable _table = new(0, 0);
    private int _keys, _aliases;
    private int? _generation;
    private int _lastMakingRoom = -RejectionStamps;

    /// <summary>Makes an empty interner.</summary>
    /// <param name="model">The series.</param>
    /// <param name="create">Makes the object of a key seen for the first time; called under the interner's lock.</param>
    /// <param name="time">Clock for idleness.</param>
    /// <param name="capacity">Most keys.</param>
    /// <param name="memory">Memory of the keys of all series; null for no bound but the capacity.</param>
    public KeyInterner(
        SeriesModel model, Func<SeriesModel, DimensionSet, InternedKey> create, TimeProvider time, int capacity, MemoryPart? memory = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(capacity);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(capacity, MaxCapacity);
        Model = model;
        Capacity = capacity;
        Names = CanonicalRun.NamesOf(model.Spec);
        _create = create;
        _time = time;
        _origin = time.GetTimestamp();
        _memory = memory;
    }

    /// <summary>The series.</summary>
    public SeriesModel Model { get; }

    /// <summary>Most keys.</summary>
    public int Capacity { get; }

    /// <summary>Keys known.</summary>
    public int Count => Volatile.Read(ref _keys);

    /// <summary>Raw forms known beside the normal forms.</summary>
    public int AliasCount => Volatile.Read(ref _aliases);

    /// <summary>Dimension names in the order of the spec, UTF-8.</summary>
    internal byte[][] Names { get; }

    /// <summary>The table to look up in; a later one replaces it when keys are added or dropped.</summary>
    internal RawKeyTable Table => Volatile.Read(ref _table);

    /// <summary>The present time in units of a quarter of a second, for noting uses.</summary>
    internal int Stamp => 1 + (int)(_time.GetElapsedTime(_origin).TotalMilliseconds / StampMs);

    /// <summary>
    /// The key of a dimension set, made if it is new; null when <see cref="Capacity"/> keys are known and none of them can go.
    /// </summary>
    public InternedKey? Intern(DimensionSet dimensions)
    {
        var normal = CanonicalRun.Of(Names, dimensions);
        fixed (byte* bytes = normal) return FindOrAdd(bytes, normal.Length, dimensions, Stamp);
    }

    /// <summary>
    /// Drops keys that nobody used for <paramref name="idle"/> and that are not in use otherwise, then raw forms idle as long. A dropped
    /// key stays on hand until a later call: if its set comes back before, so does its object, so that a reader that had found the key and
    /// the next reader never hold two. Rejected keys go after a second. Answers how many keys went.
    /// </summary>
    /// <param name="idle">How long a key must have been unused.</param>
    /// <param name="inUse">Whether a key is in use although no tick of it came; called on the caller's thread, under the interner's
    /// lock.</param>
    /// <param name="forgotten">Told of each dropped key once it cannot come back any more; called like <paramref name="inUse"/>.</param>
    /// <param name="generation">
    /// Generation of the messages that may hold keys, see <see cref="Wire.TickMessagePool.Advance"/>: a dropped key is forgotten two
    /// generations later at the earliest, when no message that waits for its flush holds it. Null where nobody holds keys for long.
    /// </param>
    public int EvictIdle(TimeSpan idle, Func<InternedKey, bool> inUse, Action<InternedKey>? forgotten = null, int? generation = null)
    {
        ArgumentNullException.ThrowIfNull(inUse);
        lock (_writing)
        {
            var now = Stamp;
            _generation = generation;
            Forget(now, inUse, forgotten);
            return Sweep(now, (int)Math.Clamp(idle.TotalMilliseconds / StampMs, 1, int.MaxValue / 2), inUse);
        }
    }

    /// <summary>Gives back the memory of all keys, of a series that takes no more ticks.</summary>
    public void ReturnMemory()
    {
        lock (_writing)
        {
            for (var i = 0; i < _table.SlotCount; i++)
            {
                if (!_table.IsTaken(i) || !_table.IsCanonical(i)) continue;
                var key = _table.KeyAt(i);
                _memory?.Return(key.MemoryBytes);
                key.MemoryBytes = 0;
            }
        }
    }

    /// <summary>Whether another key may be added; lets go of rejected keys first where there is none.</summary>
    internal bool HasRoom(int stamp)
    {
        if (HasSpace) return true;
        lock (_writing) return MakeRoom(stamp);
    }

    /// <summary>The key with this normal form, made if it is new; null when there is no room.</summary>
    internal InternedKey? FindOrAdd(byte* normal, int length, DimensionSet dimensions, int stamp)
    {
        var hash = RawHash.Of(normal, length);
        lock (_writing)
        {
            var index = _table.Find(normal, length, hash);
            if (index >= 0) return _table.Use(index, stamp, out _);
            if (!MakeRoom(stamp) || !TryTakeMemory(length, out var bytes)) return null;
            var key = _buried.Remove(dimensions, out var buried) ? buried.Key : _create(Model, dimensions);
            key.IsInterned = true;
            key.Aliases = 0;
            key.MemoryBytes = bytes;
            key.LastUsedMs = (long)stamp * StampMs;
            Append(normal, length, hash, key, canonical: true, stamp);
            _keys++;
            return key;
        }
    }

    /// <summary>Lets another raw form lead to the key, if there is room for it.</summary>
    internal void AddAlias(byte* raw, int length, int normalLength, InternedKey key, int stamp)
    {
        if (length > normalLength + AliasSlack || key.Aliases >= MaxAliases || AliasCount >= Capacity) return;
        var hash = RawHash.Of(raw, length);
        lock (_writing)
        {
            if (!key.IsInterned || key.Aliases >= MaxAliases || _aliases >= Capacity || _table.Find(raw, length, hash) >= 0) return;
            Append(raw, length, hash, key, canonical: false, stamp);
            key.Aliases++;
            _aliases++;
        }
    }

    /// <summary>
    /// A new object in the place of a key that was rejected for want of room a while ago, so that the key table is asked again. Another
    /// object, because messages on their way still hold the rejected one.
    /// </summary>
    /// <param name="refused">The rejected key.</param>
    /// <param name="raw">Raw bytes by which it was found.</param>
    /// <param name="length">How many.</param>
    /// <param name="stamp">The present time.</param>
    internal InternedKey Renew(InternedKey refused, byte* raw, int length, int stamp)
    {
        var normal = CanonicalRun.Of(Names, refused.Dimensions);
        fixed (byte* bytes = normal)
        {
            lock (_writing)
            {
                var home = _table.Find(bytes, normal.Length, RawHash.Of(bytes, normal.Length));
                if (home < 0) return refused;
                var current = _table.KeyAt(home);
                if (ReferenceEquals(current, refused))
                {
                    current = _create(Model, refused.Dimensions);
                    current.Aliases = 0;
                    current.IsInterned = true;
                    refused.IsInterned = false;
                    (current.MemoryBytes, refused.MemoryBytes) = (refused.MemoryBytes, 0);
                    current.LastUsedMs = (long)stamp * StampMs;
                    _table.Replace(home, current);
                }

                var index = _table.Find(raw, length, RawHash.Of(raw, length));
                if (index >= 0 && !ReferenceEquals(_table.KeyAt(index), current))
                {
                    _table.Replace(index, current);
                    current.Aliases++;
                }

                return current;
            }
        }
    }

    private void Append(byte* raw, int length, ulong hash, InternedKey key, bool canonical, int stamp)
    {
        if (!_table.HasRoomFor(length)) Rebuild(_table.Count + 1, _table.ArenaUsed + length, static (_, _) => true);
        _table.Add(raw, length, hash, key, canonical, stamp);
    }

    private bool HasSpace => Count < Capacity && (_memory is null || _memory.UsedBytes + MemoryBudget.KeyBytes <= _memory.LimitBytes);

    // Its text is there as bytes and as characters.
    private bool TryTakeMemory(int length, out long bytes)
    {
        bytes = MemoryBudget.KeyBytes + (4L * length);
        return _memory is null || _memory.TryTake(bytes);
    }

    private bool MakeRoom(int now)
    {
        if (HasSpace) return true;
        if (now - _lastMakingRoom < RejectionStamps) return false;
        _lastMakingRoom = now;

        // Only the caller of EvictIdle may say which keys are in use, so all that can go here are keys that were rejected.
        Sweep(now, int.MaxValue / 2, static _ => true);
        return HasSpace;
    }

    private int Sweep(int now, int idle, Func<InternedKey, bool> inUse)
    {
        var table = _table;
        NoteUses(table);
        int dropped = 0, arena = 0, left = 0;
        for (var i = 0; i < table.SlotCount; i++)
        {
            if (!table.IsTaken(i) || !table.IsCanonical(i)) continue;
            var key = table.KeyAt(i);
            var unused = now - (int)(key.LastUsedMs / StampMs);
            var refused = key.IsResolved && key.Rejection is not null;
            if (unused < (refused ? Math.Min(idle, RejectionStamps) : idle) || (!refused && inUse(key))) continue;
            key.IsInterned = false;
            _memory?.Return(key.MemoryBytes);
            dropped++;
            if (!refused) _buried[key.Dimensions] = new Buried(key, now, _generation ?? 0);
        }

        bool Stays(RawKeyTable from, int i) =>
            from.KeyAt(i).IsInterned && (from.IsCanonical(i) || now - from.StampAt(i) < idle);

        for (var i = 0; i < table.SlotCount; i++)
        {
            if (!table.IsTaken(i) || !Stays(table, i)) continue;
            left++;
            arena += table.ArenaBytesAt(i);
        }

        if (left < table.Count) Rebuild(left, arena, Stays);
        return dropped;
    }

    private static void NoteUses(RawKeyTable table)
    {
        for (var i = 0; i < table.SlotCount; i++)
        {
            if (!table.IsTaken(i)) continue;
            var key = table.KeyAt(i);
            key.LastUsedMs = Math.Max(key.LastUsedMs, (long)table.StampAt(i) * StampMs);
        }
    }

    private void Rebuild(int entries, int arena, Func<RawKeyTable, int, bool> stays)
    {
        var table = _table;
        var next = new RawKeyTable(entries, (int)Math.Min(arena * 3L / 2, Array.MaxLength));
        int keys = 0, aliases = 0;
        for (var i = 0; i < table.SlotCount; i++)
        {
            if (!table.IsTaken(i)) continue;
            if (stays(table, i))
            {
                table.CopyTo(next, i);
                if (table.IsCanonical(i)) keys++;
                else aliases++;
            }
            else if (!table.IsCanonical(i))
            {
                table.KeyAt(i).Aliases--;
            }
        }

        _keys = keys;
        _aliases = aliases;
        Volatile.Write(ref _table, next);
    }

    private void Forget(int now, Func<InternedKey, bool> inUse, Action<InternedKey>? forgotten)
    {
        foreach (var (set, buried) in _buried)
        {
            if (now - buried.At < RejectionStamps || _generation - buried.Generation < 2 || inUse(buried.Key)) continue;
            _buried.Remove(set);
            forgotten?.Invoke(buried.Key);
        }

        if (_buried.Count == 0) _buried.TrimExcess();
    }

    /// <summary>A key that left the table and may still be on its way in a message.</summary>
    private readonly record struct Buried(InternedKey Key, int At, int Generation);
}
