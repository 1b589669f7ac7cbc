-- Of the autopilot: it writes down what it would do, and does nothing.
ALTER TABLE layout_goals ADD COLUMN is_dry boolean NOT NULL DEFAULT false;
