using System.Text;
using Tikr.Core.Dimensions;
using Tikr.Core.Ingest;

namespace Tikr.Core.Wire;

/// <summary>Reads the dimensions of a tick whose raw bytes are not known, and puts them into their normal form.</summary>
internal static unsafe class DimensionReader
{
    private const int OnStack = 64, TickDepth = 1;

    /// <summary>
    /// Reads all dimension entries between two positions, wherever they stand. Answers why the tick must be rejected, or null and the
    /// normal form in the message's scratch. The caller looks at <see cref="TickScope.Fault"/> first.
    /// </summary>
    public static string? Read(ref TickScope scope, byte* from, byte* to, out int normalLength)
    {
        normalLength = 0;
        var names = scope.Series.Interner.Names;
        var values = names.Length <= OnStack ? stackalloc Part[names.Length] : new Part[names.Length];
        values.Fill(new Part(null, -1));
        string? reason = null;
        var cursor = new WireCursor(from, to);
        while (cursor.Tag() is var tag && tag != 0)
        {
            if (tag != TickTags.Dimension)
            {
                cursor.Skip(tag, TickDepth);
                continue;
            }

            if (!CarefulReader.ReadTextEntry(ref scope, cursor.Bytes(), out var key, out var value, out var valid)) return null;
            var index = IndexOf(names, key);
            if (index >= 0) values[index] = Part.Of(value);
            if (!valid) Blame(ref scope, ref reason, RejectionReasons.InvalidUtf8, key, value);
            else if (index < 0) Blame(ref scope, ref reason, RejectionReasons.UnknownDimension, key, value);
        }

        return reason ?? Normalise(ref scope, names, values, out normalLength);
    }

    /// <summary>The dimension set of a normal form.</summary>
    public static DimensionSet SetOf(in TickScope scope, byte* normal, int length)
    {
        var names = scope.Series.Interner.Names;
        var values = new string[names.Length];
        var cursor = new WireCursor(normal, normal + length);
        for (var i = 0; i < values.Length; i++)
        {
            cursor.Tag();
            var nothing = default(TickScope);
            CarefulReader.ReadTextEntry(ref nothing, cursor.Bytes(), out _, out var value, out _);
            values[i] = Encoding.UTF8.GetString(value);
        }

        return new DimensionSet(scope.Series.Model.Spec, values);
    }

    private static string? Normalise(ref TickScope scope, byte[][] names, scoped Span<Part> values, out int normalLength)
    {
        normalLength = 0;
        var bytes = 0;
        for (var i = 0; i < names.Length; i++)
        {
            string? reason = null;
            if (values[i].Length < 0) Blame(ref scope, ref reason, RejectionReasons.MissingDimension, names[i], default);
            else if (values[i].Length > scope.Series.Model.Spec.MaxDimensionBytes)
                Blame(ref scope, ref reason, RejectionReasons.DimensionTooLong, names[i], values[i].Span);
            if (reason is not null) return reason;
            bytes += values[i].Length;
        }

        var scratch = scope.Message.EnsureScratch(CanonicalRun.MaxLength(names, bytes));
        for (var i = 0; i < names.Length; i++) normalLength = CanonicalRun.Append(scratch, normalLength, names[i], values[i].Span);
        return null;
    }

    private static int IndexOf(byte[][] names, ReadOnlySpan<byte> name)
    {
        for (var i = 0; i < names.Length; i++)
        {
            if (name.SequenceEqual(names[i])) return i;
        }

        return -1;
    }

    private static void Blame(ref TickScope scope, ref string? reason, string found, ReadOnlySpan<byte> subject, ReadOnlySpan<byte> value)
    {
        if (reason == RejectionReasons.InvalidUtf8 || (reason is not null && found != RejectionReasons.InvalidUtf8)) return;
        reason = found;
        scope.Subject = subject;
        scope.SubjectValue = value;
    }

    /// <summary>Bytes of the message.</summary>
    private readonly struct Part(byte* at, int length)
    {
        public int Length => length;

        public ReadOnlySpan<byte> Span => new(at, length);

        public static Part Of(ReadOnlySpan<byte> bytes)
        {
            // The message is pinned while it is decoded.
            fixed (byte* at = bytes) return new Part(at, bytes.Length);
        }
    }
}
