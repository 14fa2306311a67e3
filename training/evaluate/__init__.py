"""What a trained model is worth: accuracy, calibration and bias, each with its interval or its baseline."""
