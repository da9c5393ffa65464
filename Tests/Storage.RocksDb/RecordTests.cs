using System.Text;
using Tikr.Core.Specs;
using Tikr.Storage.RocksDb;

namespace Tikr.Tests.Storage.RocksDb;

/// <summary>The records of series are JSON that any later version must read.</summary>
public sealed class RecordTests
{
    private const string Series =
        """{"Id":7,"Dimensions":["symbol"],"Fields":[{"Id":1,"Name":"price","IsUnsigned":false},{"Id":2,"Name":"size","IsUnsigned":true}]"""
        + ""","NextFieldId":3,"Layout":4,"RollupNs":1000000000}""";

    private const string Layout =
        """{"SeriesId":7,"Metrics":[{"Name":"volume","Field":"size","Aggregation":"sum","IsUnsigned":true},"""
        + """{"Name":"trades","Field":null,"Aggregation":"count","IsUnsigned":false}]}""";

    [Fact]
    public void A_series_keeps_its_form()
    {
        var record = StoredSeries.Parse(Encoding.UTF8.GetBytes(Series));
        Assert.Equal([FieldType.Int64, FieldType.UInt64], record.Fields.Select(field => field.Type));
        Assert.Equal(Series, Encoding.UTF8.GetString(record.ToJson()));
    }

    [Fact]
    public void A_layout_of_bars_keeps_its_form()
    {
        var record = LayoutRecord.Parse(Encoding.UTF8.GetBytes(Layout));
        Assert.Equal([FieldType.UInt64, FieldType.Int64], record.Metrics.Select(metric => metric.Type));
        Assert.Equal(Layout, Encoding.UTF8.GetString(record.ToJson()));
    }
}
