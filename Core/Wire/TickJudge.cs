using System.Numerics;
using System.Runtime.CompilerServices;
using Tikr.Core.Dimensions;
using Tikr.Core.Ingest;
using Tikr.Core.Specs;

namespace Tikr.Core.Wire;

/// <summary>Where a tick lies and what was read of it.</summary>
/// <param name="start">Its first byte.</param>
/// <param name="end">Where it ends.</param>
/// <param name="isSplit">Whether its dimension entries do not stand side by side.</param>
/// <param name="timestamp">Its timestamp as sent.</param>
/// <param name="seen">A bit for each column given.</param>
internal readonly unsafe struct TickParts(byte* start, byte* end, bool isSplit, ulong timestamp, ulong seen)
{
    public readonly byte* Start = start, End = end;
    public readonly bool IsSplit = isSplit;
    public readonly ulong Timestamp = timestamp, Seen = seen;
}

/// <summary>
/// Decides on ticks that are out of the ordinary: dimension bytes or a key not known yet, or something to reject. The first of these
/// reasons counts: text that is not UTF-8, dimensions, timestamp, fields, key.
/// </summary>
internal static unsafe class TickJudge
{
    /// <summary>The key if the tick is accepted; null if it was rejected, or on a fault.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static InternedKey? Judge(ref TickScope scope, in TickParts tick, ReadOnlySpan<byte> raw, int slot, InternedKey? key, int state)
    {
        var oddities = scope.Oddities;
        var unknownFields = scope.UnknownFields;
        scope.Oddities = TickOddity.None;
        scope.UnknownFields = 0;
        var fieldName = scope.Subject;
        string? reason = null;
        var normalLength = 0;
        if (slot < 0)
        {
            reason = DimensionReader.Read(ref scope, tick.Start, tick.End, out normalLength);
            if (scope.Fault != WireFault.None) return null;
        }

        if ((oddities & TickOddity.InvalidUtf8) != 0 && reason != RejectionReasons.InvalidUtf8)
        {
            reason = RejectionReasons.InvalidUtf8;
            scope.Subject = fieldName;
            scope.SubjectValue = default;
        }

        if (reason is null)
        {
            if (tick.Timestamp - scope.Accepted.First >= scope.Accepted.Width)
            {
                scope.RejectTimestamp(tick.Timestamp);
                return null;
            }

            reason = FieldReason(ref scope, tick.Seen, oddities, fieldName);
        }

        if (reason is not null)
        {
            scope.Reject(reason, tick.Timestamp);
            return null;
        }

        key = slot < 0 ? FindOrAdd(ref scope, tick, raw, normalLength) : Settle(ref scope, tick.Timestamp, raw, slot, key!, state);
        if (key is not null) scope.Message.UnknownFields += unknownFields;
        return key;
    }

    private static string? FieldReason(ref TickScope scope, ulong seen, TickOddity oddities, ReadOnlySpan<byte> unknown)
    {
        var spec = scope.Series.Model.Spec;
        var missing = scope.Series.Fields.All & ~seen;
        scope.SubjectValue = default;
        if (missing != 0 && spec.MissingField == MissingFieldPolicy.Reject)
        {
            scope.Subject = scope.Series.Fields.Templates[BitOperations.TrailingZeroCount(missing)].Name;
            return RejectionReasons.MissingField;
        }

        if ((oddities & TickOddity.UnknownField) == 0 || spec.UnknownField != UnknownFieldPolicy.Reject) return null;
        scope.Subject = unknown;
        return RejectionReasons.UnknownField;
    }

    /// <summary>The key of dimensions whose normal form is in the message's scratch.</summary>
    private static InternedKey? FindOrAdd(ref TickScope scope, in TickParts tick, ReadOnlySpan<byte> raw, int normalLength)
    {
        var interner = scope.Series.Interner;
        var normalForm = scope.Message.Scratch.AsSpan(0, normalLength);
        fixed (byte* normal = normalForm, bytes = raw)
        {
            scope.Table = interner.Table;
            var slot = scope.Table.Find(normal, normalLength, RawHash.Of(normal, normalLength));
            InternedKey? key;
            if (slot >= 0)
            {
                key = scope.Table.Use(slot, scope.Stamp, out var state);
                if (state != RawKeyTable.Ready) key = Settle(ref scope, tick.Timestamp, normalForm, slot, key, state);
            }
            else
            {
                key = interner.HasRoom(scope.Stamp)
                    ? interner.FindOrAdd(normal, normalLength, DimensionReader.SetOf(scope, normal, normalLength), scope.Stamp)
                    : null;
                scope.Table = interner.Table;
                if (key is null) scope.Reject(RejectionReasons.CardinalityLimit, tick.Timestamp);
                else key = Accepted(ref scope, tick.Timestamp, key);
            }

            if (key is null || tick.IsSplit || raw.SequenceEqual(normalForm)) return key;
            interner.AddAlias(bytes, raw.Length, normalLength, key, scope.Stamp);
            scope.Table = interner.Table;
            return key;
        }
    }

    /// <summary>A key found in a slot whose state does not vouch for it.</summary>
    private static InternedKey? Settle(ref TickScope scope, ulong timestamp, ReadOnlySpan<byte> raw, int slot, InternedKey key, int state)
    {
        if (state == RawKeyTable.Ready) return key;
        if (key.IsResolved && key.Rejection is null)
        {
            scope.Table.SetState(slot, RawKeyTable.Ready);
            return key;
        }

        if (!key.IsResolved || key.Rejection != RejectionReasons.CardinalityLimit) return Accepted(ref scope, timestamp, key);
        if (state == RawKeyTable.Unknown)
        {
            scope.Table.SetState(slot, scope.Stamp);
        }
        else if (scope.Stamp - state >= KeyInterner.RejectionStamps)
        {
            fixed (byte* bytes = raw) key = scope.Series.Interner.Renew(key, bytes, raw.Length, scope.Stamp);
            scope.Table = scope.Series.Interner.Table;
        }

        return Accepted(ref scope, timestamp, key);
    }

    /// <summary>The key unless it is rejected; an unresolved one is listed.</summary>
    private static InternedKey? Accepted(ref TickScope scope, ulong timestamp, InternedKey key)
    {
        if (!key.IsResolved)
        {
            scope.Message.ListUnresolved(key);
        }
        else if (key.Rejection is { } reason)
        {
            scope.RejectKey(key, reason, timestamp);
            return null;
        }

        return key;
    }
}
