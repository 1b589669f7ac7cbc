namespace Tests.Deploy.Monitoring;

public sealed class PromQlTests
{
    [Fact]
    public void NamesAreFound_WhereverTheyStand()
    {
        var query = PromQl.Parse(
            """histogram_quantile(0.99, sum by (app, le) (rate(a_bucket{app=~"x|y", route="/v1/{room}"}[$__rate_interval]))) > on (pod) group_left (zone) (2 * b:c offset 10m) or absent(up{app="d"} == 1)""");

        Assert.Equal(["a_bucket", "b:c", "up"], query.Selectors.Select(static s => s.Metric));
        Assert.Equal([("app", "=~", "x|y"), ("route", "=", "/v1/{room}")], query.Selectors[0].Matchers);
        Assert.Equal(["app", "le", "pod", "zone"], query.Labels);
    }
}
