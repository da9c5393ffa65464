using System.Collections;
using System.Runtime.CompilerServices;

namespace Tikr.Storage;

/// <summary>
/// The last flush per epoch, by epoch: which commits are known, applied, or covered. Lower flushes of an epoch are implied. A value: a copy
/// is a snapshot. That of one epoch takes no memory beside itself.
/// </summary>
[CollectionBuilder(typeof(FlushVector), nameof(Of))]
public readonly struct FlushVector : IEquatable<FlushVector>, IReadOnlyList<FlushId>
{
    private readonly FlushId _first;
    private readonly FlushId[]? _others;

    private FlushVector(FlushId first, FlushId[]? others) => (_first, _others) = (first, others);

    /// <summary>How many epochs.</summary>
    public int Count => _first.Epoch == 0 ? 0 : 1 + (_others?.Length ?? 0);

    /// <summary>The last flush of one epoch; epochs ascend.</summary>
    public FlushId this[int index] => index == 0 ? _first : _others![index - 1];

    /// <summary>These flushes, in any order.</summary>
    public static FlushVector Of(ReadOnlySpan<FlushId> flushes)
    {
        var result = default(FlushVector);
        foreach (var flush in flushes) result = result.With(flush);
        return result;
    }

    /// <summary>Last flush of an epoch; 0 if none.</summary>
    public ulong Of(uint epoch)
    {
        if (_first.Epoch == epoch) return _first.Flush;
        if (_others is null) return 0;
        foreach (var other in _others)
        {
            if (other.Epoch == epoch) return other.Flush;
        }

        return 0;
    }

    /// <summary>The same with a flush added.</summary>
    public FlushVector With(FlushId flush)
    {
        if (flush.Epoch == 0) return this;
        if (_first.Epoch == 0) return new FlushVector(flush, null);
        if (_first.Epoch == flush.Epoch) return flush.Flush <= _first.Flush ? this : new FlushVector(flush, _others);
        if (flush.Epoch < _first.Epoch) return new FlushVector(flush, [_first, .. _others ?? []]);
        if (_others is null) return new FlushVector(_first, [flush]);
        var index = 0;
        while (index < _others.Length && _others[index].Epoch < flush.Epoch) index++;
        if (index == _others.Length || _others[index].Epoch != flush.Epoch)
            return new FlushVector(_first, [.. _others.AsSpan(0, index), flush, .. _others.AsSpan(index)]);
        if (_others[index].Flush >= flush.Flush) return this;
        var others = (FlushId[])_others.Clone();
        others[index] = flush;
        return new FlushVector(_first, others);
    }

    /// <summary>The same with all flushes of another added. Where one has all of both it is the result, so that many share it.</summary>
    public FlushVector With(in FlushVector other)
    {
        if (Includes(other)) return this;
        if (other.Includes(this)) return other;
        var result = this;
        for (var i = 0; i < other.Count; i++) result = result.With(other[i]);
        return result;
    }

    /// <summary>Whether every flush of another is in.</summary>
    public bool Includes(in FlushVector other)
    {
        for (var i = 0; i < other.Count; i++)
        {
            if (Of(other[i].Epoch) < other[i].Flush) return false;
        }

        return true;
    }

    /// <inheritdoc/>
    public bool Equals(FlushVector other) => Includes(other) && other.Includes(this);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is FlushVector other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = default(HashCode);
        for (var i = 0; i < Count; i++) hash.Add(this[i]);
        return hash.ToHashCode();
    }

    /// <inheritdoc/>
    public IEnumerator<FlushId> GetEnumerator()
    {
        for (var i = 0; i < Count; i++) yield return this[i];
    }

    /// <summary>The flushes, such as <c>3:17, 5:2</c>.</summary>
    public override string ToString() => string.Join(", ", this.Select(flush => $"{flush.Epoch}:{flush.Flush}"));

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Whether both have the same flushes.</summary>
    public static bool operator ==(FlushVector left, FlushVector right) => left.Equals(right);

    /// <summary>Whether they differ.</summary>
    public static bool operator !=(FlushVector left, FlushVector right) => !left.Equals(right);
}
