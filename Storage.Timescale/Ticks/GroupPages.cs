namespace Tikr.Storage.Timescale.Ticks;

/// <summary>Walks the blocks of one group in the order of their least time, page by page.</summary>
internal sealed class GroupPages(TickFetch fetch, long group)
{
    private readonly TickPage _page = new();
    private int _index = -1;
    private int _pageSize = TickPage.FirstBlocks;
    private bool _isLast;

    public bool HasBlock => _index < _page.Count;

    public BlockPosition Position => _page.PositionOf(_index);

    public ReadOnlySpan<byte> Block => _page.BlockOf(_index);

    /// <summary>Goes to the next block, at first to the first one.</summary>
    public async ValueTask MoveNextAsync(CancellationToken cancellation)
    {
        _index++;
        if (_index < _page.Count || _isLast) return;
        var after = _page.Count == 0 ? BlockPosition.BeforeAll : _page.PositionOf(_page.Count - 1);
        await fetch.OneGroupAsync(group, after, _pageSize, _page, cancellation).ConfigureAwait(false);
        _isLast = _page.Count < _pageSize;
        _pageSize = TickPage.MostBlocks;
        _index = 0;
    }
}
