using Npgsql;
using Tikr.Core.Rollup;

namespace Tikr.Storage.Timescale.Bars;

/// <summary>A bar of one table.</summary>
internal readonly record struct BarRow(uint KeyId, Bar Bar)
{
    /// <summary>Reads a row of the columns that <see cref="BarSql"/> selects.</summary>
    public static BarRow Read(NpgsqlDataReader reader, int metrics)
    {
        const int first = 6;
        var values = new long[metrics];
        ulong present = 0;
        for (var i = 0; i < metrics; i++)
        {
            if (reader.IsDBNull(first + i)) continue;
            values[i] = reader.GetInt64(first + i);
            present |= 1UL << i;
        }

        return new BarRow((uint)reader.GetInt64(0), new Bar
        {
            BucketStart = reader.GetInt64(1),
            FirstTimestamp = reader.GetInt64(2),
            LastTimestamp = reader.GetInt64(3),
            TickCount = reader.GetInt64(4),
            Revision = reader.GetInt32(5),
            Values = values,
            Present = present,
        });
    }

    /// <summary>Adds the bar to a COPY of <see cref="BarSql.Copy"/>.</summary>
    public static void Write(CopyBuffer to, uint keyId, Bar bar, int revision)
    {
        to.BeginRow(BarSql.FixedColumns + bar.Values.Length);
        to.Time(bar.BucketStart);
        to.Int64(keyId);
        to.Int64(bar.BucketStart);
        to.Int64(bar.FirstTimestamp);
        to.Int64(bar.LastTimestamp);
        to.Int64(bar.TickCount);
        to.Int32(revision);
        for (var i = 0; i < bar.Values.Length; i++)
        {
            if (bar.Has(i)) to.Int64(bar.Values[i]);
            else to.Null();
        }
    }

    /// <summary>Adds bars as the arrays of <see cref="BarSql.Insert"/> and <see cref="BarSql.Update"/>.</summary>
    public static NpgsqlCommand AddArrays(NpgsqlCommand command, IReadOnlyList<BarRow> rows, int metrics)
    {
        command
            .With<DateTime[]>([.. rows.Select(r => Sql.Time(r.Bar.BucketStart))]).With<long[]>([.. rows.Select(r => (long)r.KeyId)])
            .With<long[]>([.. rows.Select(r => r.Bar.BucketStart)]).With<long[]>([.. rows.Select(r => r.Bar.FirstTimestamp)])
            .With<long[]>([.. rows.Select(r => r.Bar.LastTimestamp)]).With<long[]>([.. rows.Select(r => r.Bar.TickCount)])
            .With<int[]>([.. rows.Select(r => r.Bar.Revision)]);
        for (var m = 0; m < metrics; m++) command.With<long?[]>([.. rows.Select(r => r.Bar.Has(m) ? r.Bar.Values[m] : (long?)null)]);
        return command;
    }
}
