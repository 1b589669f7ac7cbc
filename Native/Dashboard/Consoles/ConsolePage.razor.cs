using System.Globalization;
using Dashboard.Wire;
using Grpc.Core;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web.Virtualization;
using Microsoft.FluentUI.AspNetCore.Components;
using Microsoft.JSInterop;
using Icons = Microsoft.FluentUI.AspNetCore.Components.Icons;

namespace Dashboard.Consoles;

/// <summary>
/// An instance's output, live. Lines go into a ring as they come, in batches; the page is drawn at most five times a second, and only the lines that fit
/// into the window, so that what it costs does not grow with what is written. Who scrolls up reads a frozen copy while the ring goes on.
/// </summary>
public sealed partial class ConsolePage
{
    private static readonly TimeSpan BetweenDrawings = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan BetweenTries = TimeSpan.FromSeconds(1);
    private static readonly Icon Pause = new Icons.Regular.Size20.Pause();
    private static readonly Icon Play = new Icons.Regular.Size20.ArrowDown();
    private static readonly Icon Save = new Icons.Regular.Size20.ArrowDownload();
    private readonly CancellationTokenSource _over = new();
    private LineRing _ring = null!;
    private CancellationTokenSource? _reading;
    private IReadOnlyList<ConsoleLine>? _frozen;
    private long _newSince;
    private string? _id;
    private string? _problem;
    private bool _isDirty;
    private ElementReference _box;
    private Virtualize<ConsoleLine>? _virtualize;
    private IJSObjectReference? _module;
    private DotNetObjectReference<ConsolePage>? _self;

    [Parameter]
    public string? InstanceId { get; set; }

    private int ShownCount => _frozen?.Count ?? _ring.ShownCount;

    [JSInvokable]
    public async Task SetFollowing(bool isFollowing)
    {
        if (isFollowing == _frozen is null)
        {
            return;
        }

        _frozen = isFollowing ? null : _ring.Shown(0, int.MaxValue);
        _newSince = 0;
        await DrawAsync();
        if (_module is not null)
        {
            await _module.InvokeVoidAsync("setFollowing", _over.Token, _box, isFollowing);
        }
    }

    public async ValueTask DisposeAsync()
    {
        Store.Changed -= OnChanged;
        await _over.CancelAsync();
        _reading?.Dispose();
        _self?.Dispose();
        if (_module is not null)
        {
            try
            {
                await _module.InvokeVoidAsync("detach", CancellationToken.None, _box);
                await _module.DisposeAsync();
            }
            catch (JSDisconnectedException)
            {
                // The page went with its browser.
            }
        }
    }

    protected override void OnInitialized()
    {
        _ring = new LineRing(Options.Value.LinesOfAPage);
        Store.Changed += OnChanged;
    }

    protected override void OnParametersSet() => Choose();

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (!firstRender)
        {
            return;
        }

        _module = await Script.InvokeAsync<IJSObjectReference>("import", _over.Token, "./console.js");
        _self = DotNetObjectReference.Create(this);
        await _module.InvokeVoidAsync("attach", _over.Token, _box, _self);

        // Only a page that lives reads; the one that is rendered beforehand would for nobody.
        Read();
        _ = DrawWhenDirtyAsync();
    }

    private IEnumerable<Instance> Choices() => Store.Current.Instances.Where(i => !i.IsHidden && i.Commands.Count > 0);

    private void Choose()
    {
        // Projects are what people come for.
        var id = InstanceId ?? Choices().OrderByDescending(i => i.Type == "Project").FirstOrDefault()?.Id;
        if (id == _id)
        {
            return;
        }

        _id = id;
        _ring.Clear();
        _frozen = null;
        _problem = null;
        _isDirty = true;
        if (_module is not null)
        {
            Read();
        }
    }

    private void Go(string? id)
    {
        if (!string.IsNullOrEmpty(id))
        {
            Navigation.NavigateTo($"/console/{Uri.EscapeDataString(id)}");
        }
    }

    private void Read()
    {
        _reading?.Cancel();
        _reading?.Dispose();
        _reading = CancellationTokenSource.CreateLinkedTokenSource(_over.Token);
        if (_id is not null)
        {
            _ = ReadAsync(_id, _reading.Token);
        }
    }

    private async Task ReadAsync(string id, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                _ring.Clear();
                await foreach (var batch in Engine.WatchLinesAsync(id, onlyKept: false, cancellationToken))
                {
                    Take(batch);
                }

                _problem = "This instance is gone; its lines are what it wrote last.";
                _isDirty = true;
                return;
            }
            catch (Exception e) when (e is RpcException or OperationCanceledException && cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (RpcException e)
            {
                _problem = e.StatusCode == StatusCode.NotFound ? $"There is no '{id}'." : "The AppHost does not answer.";
                _isDirty = true;
                if (e.StatusCode == StatusCode.NotFound)
                {
                    return;
                }
            }

            await Task.Delay(BetweenTries, Time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        }
    }

    private void Take(LineBatch batch)
    {
        if (batch.Skipped > 0)
        {
            _ring.Add(ConsoleLine.Missed(batch.Skipped));
        }

        foreach (var line in batch.Lines)
        {
            _ring.Add(ConsoleLevels.Read(line, _ring.LastLevel));
        }

        _problem = null;
        _newSince += _frozen is null ? 0 : batch.Lines.Count;
        _isDirty = true;
    }

    private async Task DrawWhenDirtyAsync()
    {
        using var tick = new PeriodicTimer(BetweenDrawings, Time);
        try
        {
            while (await tick.WaitForNextTickAsync(_over.Token))
            {
                if (_isDirty)
                {
                    _isDirty = false;
                    await DrawAsync();
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The page is gone.
        }
    }

    private async Task DrawAsync()
    {
        if (_virtualize is not null)
        {
            await _virtualize.RefreshDataAsync();
        }

        StateHasChanged();
    }

    private ValueTask<ItemsProviderResult<ConsoleLine>> ProvideAsync(ItemsProviderRequest request) => ValueTask.FromResult(new ItemsProviderResult<ConsoleLine>(
        _frozen is { } frozen ? frozen.Skip(request.StartIndex).Take(request.Count) : _ring.Shown(request.StartIndex, request.Count), ShownCount));

    private async Task Find(string? search)
    {
        _ring.Find(search?.Trim() ?? string.Empty);
        _frozen = _frozen is null ? null : _ring.Shown(0, int.MaxValue);
        await DrawAsync();
    }

    private string CountText()
    {
        var count = string.Create(CultureInfo.InvariantCulture, $"{ShownCount:N0}");
        return (_frozen, _ring.Search.Length) switch
        {
            (not null, _) when _newSince > 0 => string.Create(CultureInfo.InvariantCulture, $"paused, {_newSince:N0} new"),
            (not null, _) => "paused",
            (_, > 0) => $"{count} found",
            _ => $"{count} lines",
        };
    }

    private void OnChanged() => _ = InvokeAsync(() =>
    {
        Choose();
        _isDirty = true;
    });
}
