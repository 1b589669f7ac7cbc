using Bench.Drill;
using Bench.Fanout;
using Bench.Layouts;

return args switch
{
    ["fanout", .. var rest] => await FanoutRun.RunAsync(Arguments.Parse(rest)),
    ["fanout-node", .. var rest] => await FanoutNode.RunAsync(Arguments.Parse(rest)),
    ["signalr-node", .. var rest] => await SignalRNode.RunAsync(Arguments.Parse(rest)),
    ["fanout-clients", .. var rest] => await FanoutClients.RunAsync(Arguments.Parse(rest)),
    ["layouts", .. var rest] => await LayoutsRun.RunAsync(Arguments.Parse(rest)),
    ["drill", .. var rest] => await DrillRun.RunAsync(Arguments.Parse(rest)),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("See Bench/README.md.");
    return 2;
}
