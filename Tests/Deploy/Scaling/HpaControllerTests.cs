using k8s.Models;

namespace Tests.Deploy.Scaling;

/// <summary>The model of the autoscaler gives what the documentation of Kubernetes says it would.</summary>
public sealed class HpaControllerTests
{
    [Theory]
    [InlineData(200, 100, 3, 6)]    // twice the target: twice the pods
    [InlineData(50, 100, 4, 2)]     // half of it: half of them
    [InlineData(109, 100, 5, 5)]    // within a tenth: nothing
    [InlineData(91, 100, 5, 5)]
    [InlineData(111, 100, 5, 6)]
    [InlineData(89, 100, 10, 9)]
    public void PodsFollowTheRatioOfMetricAndTarget(double average, double target, int pods, int expected) =>
        Assert.Equal(expected, HpaController.ForMetric(pods, new(Repeat(new(average), pods), target, IsUtilization: false)));

    [Fact]
    public void UtilizationIsOfTheRequestsOfAllPods() =>
        Assert.Equal(6, HpaController.ForMetric(3, new([new(0.6, 0.5), new(0.6, 0.5), new(0.6, 0.5)], 60, IsUtilization: true)));

    [Fact]
    public void PodWithoutFigureUsesNothing_WhenMoreAreAskedFor() =>
        Assert.Equal(6, HpaController.ForMetric(4, new([.. Repeat(new(200), 3), new(null)], 100, IsUtilization: false)));

    [Fact]
    public void PodWithoutFigureUsesTheTarget_WhenFewerAreAskedFor() =>
        Assert.Equal(3, HpaController.ForMetric(4, new([.. Repeat(new(50), 3), new(null)], 100, IsUtilization: false)));

    [Fact]
    public void UnreadyPodUsesNothing_WhenMoreAreAskedFor() =>
        Assert.Equal(12, HpaController.ForMetric(8, new([.. Repeat(new(400, 100), 3), .. Repeat(new(500, 100, IsUnready: true), 5)], 100, IsUtilization: true)));

    [Fact]
    public void CorrectionThatTurnsTheAnswerAroundIsDropped() =>
        Assert.Equal(6, HpaController.ForMetric(6, new([.. Repeat(new(130), 3), .. Repeat(new(null), 3)], 100, IsUtilization: false)));

    [Fact]
    public void LargestAnswerCounts_AndNothingShrinksWhileAMetricIsMissing()
    {
        var low = new MetricReading(Repeat(new(10), 4), 100, IsUtilization: false);
        var high = new MetricReading(Repeat(new(150), 4), 100, IsUtilization: false);
        var missing = new MetricReading(null, 100, IsUtilization: false);

        Assert.Equal(6, new HpaController(Spec()).Decide(0, 4, [low, high]));
        Assert.Equal(6, new HpaController(Spec()).Decide(0, 4, [high, missing]));
        Assert.Equal(4, new HpaController(Spec()).Decide(0, 4, [low, missing]));
        Assert.Equal(4, new HpaController(Spec()).Decide(0, 4, [missing]));
    }

    [Fact]
    public void TenPercentOrFourPodsAMinute_FromEightyToTen()
    {
        // The documentation's own: 8 of 80, then 8 of 72 (7.2, rounded up), ... and below 40 four at a time.
        var controller = new HpaController(Spec(new() { StabilizationWindowSeconds = 0, Policies = [Pods(4, 60), Percent(10, 60)] }));
        var (replicas, seen) = (80, new List<int>());
        for (var at = 0; at <= 20 * 60; at += HpaController.SyncSeconds)
        {
            var next = controller.Decide(at, replicas, [new(Repeat(new(1), replicas), replicas / 10.0, IsUtilization: false)]);
            if (next != replicas)
            {
                seen.Add(replicas = next);
            }
        }

        Assert.Equal([72, 64, 57, 51, 45, 40, 36, 32, 28, 24, 20, 16, 12, 10], seen);
    }

    [Fact]
    public void NineHundredPercentAMinute_FromOneToAThousandInThreeMinutes()
    {
        var controller = new HpaController(Spec(up: new() { StabilizationWindowSeconds = 0, Policies = [Percent(900, 60)] }, most: 5_000));
        var (replicas, seen) = (1, new List<int>());
        for (var at = 0; at < 180; at += HpaController.SyncSeconds)
        {
            var next = controller.Decide(at, replicas, [new(Repeat(new(1_000_000), replicas), 1, IsUtilization: false)]);
            if (next != replicas)
            {
                seen.Add(replicas = next);
            }
        }

        Assert.Equal([10, 100, 1_000], seen);
    }

    [Fact]
    public void SmallestPolicyCounts_WhenMinIsSelected_AndNoneWhenDisabled()
    {
        var load = new MetricReading(Repeat(new(1), 100), 100, IsUtilization: false);
        V2HPAScalingRules Down(string select) => new() { StabilizationWindowSeconds = 0, SelectPolicy = select, Policies = [Pods(5, 60), Percent(10, 60)] };

        Assert.Equal(95, new HpaController(Spec(Down("Min"), most: 200)).Decide(0, 100, [load]));
        Assert.Equal(90, new HpaController(Spec(Down("Max"), most: 200)).Decide(0, 100, [load]));
        Assert.Equal(100, new HpaController(Spec(Down("Disabled"), most: 200)).Decide(0, 100, [load]));
    }

    [Fact]
    public void HighestAnswerOfTheWindowHolds_WhenLoadFalls()
    {
        var controller = new HpaController(Spec());
        Assert.Equal(8, controller.Decide(0, 4, [new(Repeat(new(200), 4), 100, IsUtilization: false)]));
        for (var at = HpaController.SyncSeconds; at < 300; at += HpaController.SyncSeconds)
        {
            Assert.Equal(8, controller.Decide(at, 8, [new(Repeat(new(10), 8), 100, IsUtilization: false)]));
        }

        Assert.Equal(1, controller.Decide(300, 8, [new(Repeat(new(10), 8), 100, IsUtilization: false)]));
    }

    private static PodReading[] Repeat(PodReading pod, int count) => [.. Enumerable.Repeat(pod, count)];

    private static V2HPAScalingPolicy Pods(int value, int seconds) => new() { Type = "Pods", Value = value, PeriodSeconds = seconds };

    private static V2HPAScalingPolicy Percent(int value, int seconds) => new() { Type = "Percent", Value = value, PeriodSeconds = seconds };

    private static V2HorizontalPodAutoscalerSpec Spec(V2HPAScalingRules? down = null, V2HPAScalingRules? up = null, int most = 100) => new()
    {
        MinReplicas = 1,
        MaxReplicas = most,
        Behavior = new() { ScaleDown = down, ScaleUp = up },
    };
}
